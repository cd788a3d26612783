"""A generic class, which stores an object of its type argument."""

import sqlite3
from typing import Generic, TypeVar

T = TypeVar("T")


class Holder(Generic[T]):
    def __init__(self, value: T):
        self.value = value

    def get(self) -> T:
        return self.value


async def main():
    connection = sqlite3.connect("shop.sqlite3")  # BLOCKS: sqlite3.connect
    holder = Holder(connection)
    holder.get().execute("select 1")  # BLOCKS: sqlite3.execute
    Holder("text").get().upper()
