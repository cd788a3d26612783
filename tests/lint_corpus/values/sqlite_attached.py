"""A database in memory, to which a file is attached."""

import sqlite3


async def main():
    connection = sqlite3.connect(":memory:")
    connection.execute("attach 'shop.sqlite3' as shop")  # BLOCKS: sqlite3.execute
    connection.close()
