"""Closures over blocking functions."""

import sqlite3


def make():
    connection = sqlite3.connect("shop.sqlite3")

    def run(statement):
        return connection.execute(statement)

    return run


async def main():
    run = make()  # BLOCKS: sqlite3.connect
    run("select 1")  # BLOCKS: sqlite3.execute
