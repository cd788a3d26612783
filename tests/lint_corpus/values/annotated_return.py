"""A function with an annotated return type, and one whose return type is inferred."""

import sqlite3


def untold():
    return sqlite3.connect("shop.sqlite3")


class Pool:
    def take(self) -> sqlite3.Connection:
        return self.made


def prepare():
    global pool
    pool = Pool()
    pool.made = sqlite3.connect("shop.sqlite3")


async def main():
    connection = untold()  # BLOCKS: sqlite3.connect
    connection.execute("select 1")  # BLOCKS: sqlite3.execute
    taken = Pool.take(pool)
    taken.execute("select 1")  # BLOCKS: sqlite3.execute
