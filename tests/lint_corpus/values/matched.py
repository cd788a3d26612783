"""Patterns that narrow the type of a value."""

import sqlite3


class Quiet:
    def execute(self, statement):
        return statement


def prepare():
    global made
    made = sqlite3.connect("shop.sqlite3")


async def run(target):
    match target:
        case sqlite3.Connection() as connection:
            connection.execute("select 1")  # BLOCKS: sqlite3.execute
        case Quiet():
            target.execute("select 1")


async def main():
    await run(made)
    await run(Quiet())
