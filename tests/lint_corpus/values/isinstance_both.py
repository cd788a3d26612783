"""One branch for the class that blocks, and one for the other."""

import sqlite3


class Quiet:
    def execute(self, statement):
        return statement


async def run(target):
    if isinstance(target, Quiet):
        return target.execute("select 1")
    if isinstance(target, sqlite3.Connection):
        return target.execute("select 1")  # BLOCKS: sqlite3.execute
    return None


def prepare():
    global one
    one = sqlite3.connect("shop.sqlite3")


async def main():
    await run(Quiet())
    await run(one)
    await run(None)
