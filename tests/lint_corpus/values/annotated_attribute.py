"""Annotated attributes."""

import sqlite3
from dataclasses import dataclass


@dataclass
class Repository:
    connection: sqlite3.Connection
    name: str = ""

    def count(self):
        return self.connection.execute("select 1")


def prepare():
    global repository
    repository = Repository(sqlite3.connect("shop.sqlite3"))


async def use(repository: Repository):
    repository.count()  # BLOCKS: sqlite3.execute
    repository.connection.commit()  # BLOCKS: sqlite3.commit
    repository.name.upper()


async def main():
    await use(repository)
