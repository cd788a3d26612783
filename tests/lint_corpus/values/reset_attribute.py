"""An attribute of two instances of one class: one blocks, and the other does not."""

import sqlite3


class Memory:
    def execute(self, statement):
        return statement


class Shop:
    def __init__(self, target):
        self.target = target


class Stall:
    def __init__(self):
        self.target = Memory()


def prepare():
    global slow
    slow = Shop(sqlite3.connect("shop.sqlite3"))


async def main():
    quick = Shop(Memory())
    quick.target.execute("select 1")
    Stall().target.execute("select 1")
    slow.target.execute("select 1")  # BLOCKS: sqlite3.execute
    slow.target = Memory()
    slow.target.execute("select 1")
