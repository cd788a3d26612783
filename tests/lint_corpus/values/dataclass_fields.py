"""Fields of dataclasses: with a factory, as arguments, and with a default value."""

import sqlite3
from dataclasses import dataclass, field, replace


class Memory:
    def execute(self, statement):
        return statement


def connect():
    return sqlite3.connect("shop.sqlite3")


@dataclass
class Shop:
    memory: Memory = field(default_factory=Memory)
    connection: sqlite3.Connection = field(default_factory=connect)


async def main():
    shop = Shop(connection=None)
    shop.memory.execute("select 1")
    made = Shop()  # BLOCKS: sqlite3.connect
    made.connection.execute("select 1")  # BLOCKS: sqlite3.execute
    other = replace(made, memory=Memory())
    other.memory.execute("select 1")
    other.connection.execute("select 1")  # BLOCKS: sqlite3.execute
