"""Factories of the project: functions, class methods, static methods."""

import sqlite3


class Database:
    def __init__(self, connection):
        self.connection = connection

    @classmethod
    def in_memory(cls):
        return cls(sqlite3.connect("shop.sqlite3"))

    @staticmethod
    def raw():
        return sqlite3.connect("shop.sqlite3")

    def count(self):
        return self.connection.execute("select 1")


async def main():
    database = Database.in_memory()  # BLOCKS: sqlite3.connect
    database.count()  # BLOCKS: sqlite3.execute
    Database.raw().execute("select 1")  # BLOCKS: sqlite3.connect, sqlite3.execute
