"""Chained calls, each on the result of the one before."""

import sqlite3


async def main():
    connection = sqlite3.connect("shop.sqlite3")  # BLOCKS: sqlite3.connect
    connection.execute("select 1").fetchall()  # BLOCKS: sqlite3.execute, sqlite3.fetchall
    cursor = connection.cursor()
    cursor.execute("select 1")  # BLOCKS: sqlite3.execute
    for row in cursor:  # BLOCKS: sqlite3.fetchone
        print(row)
