"""A named tuple with annotated fields."""

import sqlite3
from typing import NamedTuple


class Settings(NamedTuple):
    name: str
    connection: sqlite3.Connection


def prepare():
    global settings
    settings = Settings("a", sqlite3.connect("shop.sqlite3"))


async def use(settings: Settings):
    settings.connection.execute("select 1")  # BLOCKS: sqlite3.execute
    settings.name.upper()


async def main():
    await use(settings)
