"""An annotated parameter."""

import sqlite3


async def rows(connection: sqlite3.Connection, *, other: "sqlite3.Connection"):
    connection.execute("select 1")  # BLOCKS: sqlite3.execute
    other.commit()  # BLOCKS: sqlite3.commit


def prepare():
    global made
    made = sqlite3.connect("shop.sqlite3")


async def main():
    await rows(made, other=made)
