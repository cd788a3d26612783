"""A variable of the enclosing function."""

import sqlite3


async def main():
    connection = None

    def connect():
        nonlocal connection
        connection = sqlite3.connect("shop.sqlite3")

    connect()  # BLOCKS: sqlite3.connect
    connection.execute("select 1")  # BLOCKS: sqlite3.execute
