"""``closing`` returns its argument."""

import contextlib
import sqlite3


async def main():
    with contextlib.closing(sqlite3.connect("shop.sqlite3")) as connection:  # BLOCKS: sqlite3.connect
        connection.execute("select 1")  # BLOCKS: sqlite3.execute
