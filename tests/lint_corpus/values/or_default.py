"""``or`` with a default value."""

import sqlite3


class Memory:
    def execute(self, statement):
        return statement


class Shop:
    def __init__(self, target=None):
        self.target = target or Memory()

    def load(self):
        return self.target.execute("select 1")


def prepare():
    global one
    one = sqlite3.connect("shop.sqlite3")


async def main():
    Shop().load()
    Shop(Memory()).load()
    Shop(one).load()  # BLOCKS: sqlite3.execute
    (None or Memory()).execute("select 1")
