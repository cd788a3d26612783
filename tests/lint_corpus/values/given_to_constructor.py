"""A constructor that gets a blocking object, and another one that does not."""

import sqlite3


class Quiet:
    def execute(self, statement):
        return statement


class Repository:
    def __init__(self, connection):
        self.connection = connection

    def count(self):
        return self.connection.execute("select 1")


def prepare():
    global made
    made = sqlite3.connect("shop.sqlite3")


async def main():
    Repository(Quiet()).count()
    here = sqlite3.connect("shop.sqlite3")  # BLOCKS: sqlite3.connect
    Repository(here).count()  # BLOCKS: sqlite3.execute
