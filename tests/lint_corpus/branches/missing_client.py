"""A client library that may not be installed."""

import sqlite3


class Shop:
    def __init__(self, connection=None):
        self.connection = connection

    def count(self):
        if self.connection is None:
            return 0
        return self.connection.execute("select 1")


async def main():
    Shop().count()
    connection = sqlite3.connect("shop.sqlite3")  # BLOCKS: sqlite3.connect
    Shop(connection).count()  # BLOCKS: sqlite3.execute
