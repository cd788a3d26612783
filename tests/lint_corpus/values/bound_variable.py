"""A bound type variable."""

import sqlite3
from typing import TypeVar

C = TypeVar("C", bound=sqlite3.Connection)


async def use(connection: C) -> C:
    connection.execute("select 1")  # BLOCKS: sqlite3.execute
    return connection


def prepare():
    global made
    made = sqlite3.connect("shop.sqlite3")


async def main():
    await use(made)
