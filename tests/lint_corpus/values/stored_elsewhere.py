"""An attribute that another method sets."""

import sqlite3


class Repository:
    def __init__(self):
        self.connection = None

    def connect(self):
        local = sqlite3.connect("shop.sqlite3")
        self.connection = local


async def main():
    repository = Repository()
    repository.connect()  # BLOCKS: sqlite3.connect
    repository.connection.execute("select 1")  # BLOCKS: sqlite3.execute
