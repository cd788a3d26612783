"""An attribute annotated with a protocol class: the argument's class decides."""

import sqlite3
from typing import Protocol


class Executes(Protocol):
    def execute(self, statement: str): ...


class Quiet:
    def execute(self, statement):
        return statement


class Service:
    def __init__(self, target: Executes):
        self.target = target

    def run(self):
        return self.target.execute("select 1")


async def main():
    Service(Quiet()).run()
    connection = sqlite3.connect("shop.sqlite3")  # BLOCKS: sqlite3.connect
    Service(connection).run()  # BLOCKS: sqlite3.execute
