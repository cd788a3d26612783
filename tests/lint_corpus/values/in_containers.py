"""The contents of lists, tuples and dictionaries."""

import sqlite3


def prepare():
    global one
    one = sqlite3.connect("shop.sqlite3")


async def each(connections: list[sqlite3.Connection], by_name: dict[str, sqlite3.Connection]):
    for connection in connections:
        connection.execute("select 1")  # BLOCKS: sqlite3.execute
    by_name["a"].execute("select 1")  # BLOCKS: sqlite3.execute
    for name, connection in by_name.items():
        connection.commit()  # BLOCKS: sqlite3.commit
    [connection.rollback() for connection in by_name.values()]  # BLOCKS: sqlite3.rollback


async def main():
    await each([one], {"a": one})
