"""An optional parameter."""

import sqlite3
from typing import Optional, Union


async def first(connection: Optional[sqlite3.Connection]):
    if connection is not None:
        connection.execute("select 1")  # BLOCKS: sqlite3.execute


async def second(connection: "sqlite3.Connection | None" = None):
    if connection:
        connection.execute("select 1")  # BLOCKS: sqlite3.execute


async def third(connection: Union[sqlite3.Connection, None]):
    connection.execute("select 1")  # BLOCKS: sqlite3.execute


def prepare():
    global made
    made = sqlite3.connect("shop.sqlite3")


async def main():
    await first(made)
    await second(made)
    await third(made)
