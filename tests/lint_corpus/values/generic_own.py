"""A generic class whose blocking type argument is used elsewhere."""

import sqlite3
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory:
    def execute(self, statement):
        return statement


class Repository(Generic[T]):
    def __init__(self, target: T):
        self.target = target

    def load(self):
        return self.target.execute("select 1")


def never(connection: sqlite3.Connection):
    return Repository(connection).load()


async def main():
    repository: Repository[Memory] = Repository(Memory())
    repository.load()
    repository.target.execute("select 1")
