"""Values that a walrus operator binds."""

import sqlite3


async def main():
    if connection := sqlite3.connect("shop.sqlite3"):  # BLOCKS: sqlite3.connect
        connection.execute("select 1")  # BLOCKS: sqlite3.execute
