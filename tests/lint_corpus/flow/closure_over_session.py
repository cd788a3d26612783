"""Closures over a connection, and what they do with it when they are called."""

import sqlite3


def make(connection):
    def count():
        return connection.execute("select 1")

    def label():
        return str(connection)

    return count, label


def prepare():
    global count, label
    count, label = make(sqlite3.connect("shop.sqlite3", check_same_thread=False))


async def main():
    count()  # BLOCKS: sqlite3.execute
    label()
