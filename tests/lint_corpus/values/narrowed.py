"""Tests that narrow the type of a value."""

import sqlite3


class Quiet:
    def execute(self, statement):
        return statement


def prepare():
    global made
    made = sqlite3.connect("shop.sqlite3")


async def run(target):
    if isinstance(target, sqlite3.Connection):
        target.execute("select 1")  # BLOCKS: sqlite3.execute
    else:
        target.execute("select 1")


async def main():
    await run(made)
    await run(Quiet())
