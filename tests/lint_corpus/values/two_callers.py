"""A parameter for which two callers pass two types."""

import sqlite3


class Quiet:
    def execute(self, statement):
        return statement


def run(target):
    return target.execute("select 1")


async def main():
    run(Quiet())
    connection = sqlite3.connect("shop.sqlite3")  # BLOCKS: sqlite3.connect
    run(connection)  # BLOCKS: sqlite3.execute
