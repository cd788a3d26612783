"""Unpacked values."""

import sqlite3


def pair():
    return "name", sqlite3.connect("shop.sqlite3")


async def main():
    name, connection = pair()  # BLOCKS: sqlite3.connect
    connection.execute("select 1")  # BLOCKS: sqlite3.execute
    name.upper()
    first, *rest = (connection, connection, 1)
    first.commit()  # BLOCKS: sqlite3.commit
