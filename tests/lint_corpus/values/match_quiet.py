"""Patterns that select the class that does not block."""

import sqlite3


class Memory:
    def __init__(self, rows):
        self.rows = rows

    def execute(self, statement):
        return self.rows


def run(target: sqlite3.Connection | Memory):
    match target:
        case Memory(rows=[]):
            return None
        case Memory() as memory:
            return memory.execute("select 1")
        case sqlite3.Connection():
            return target.in_transaction


def prepare():
    global one
    one = sqlite3.connect("shop.sqlite3")


async def main():
    run(Memory([1]))
    run(Memory([]))
    run(one)
