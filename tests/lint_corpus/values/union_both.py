"""A parameter annotated with a union of two classes, one of which blocks."""

import sqlite3
from typing import Union


class Memory:
    def execute(self, statement):
        return statement


def prepare():
    global one
    one = sqlite3.connect("shop.sqlite3")


async def run(target: Union[Memory, sqlite3.Connection]):
    target.execute("select 1")  # BLOCKS: sqlite3.execute


async def quiet(target: Memory | None):
    target and target.execute("select 1")


async def main():
    await run(Memory())
    await run(one)
    await quiet(Memory())
    await quiet(None)
