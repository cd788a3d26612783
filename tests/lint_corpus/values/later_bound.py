"""A variable that is bound again."""

import sqlite3


class Quiet:
    def execute(self, statement):
        return statement


async def main():
    target = sqlite3.connect("shop.sqlite3")  # BLOCKS: sqlite3.connect
    target.execute("select 1")  # BLOCKS: sqlite3.execute
    target = Quiet()
    target.execute("select 1")
