"""Attributes that a constructor sets."""

import sqlite3


class Repository:
    def __init__(self):
        self.connection = sqlite3.connect("shop.sqlite3")

    def count(self):
        return self.connection.execute("select 1").fetchone()


async def main():
    repository = Repository()  # BLOCKS: sqlite3.connect
    repository.count()  # BLOCKS: sqlite3.execute, sqlite3.fetchone
