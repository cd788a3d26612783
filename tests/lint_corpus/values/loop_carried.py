"""A variable that one iteration of a loop binds for the next one."""

import sqlite3


async def main():
    connection = None
    for _ in range(2):
        if connection is None:
            connection = sqlite3.connect("shop.sqlite3")  # BLOCKS: sqlite3.connect
        else:
            connection.execute("select 1")  # BLOCKS: sqlite3.execute
