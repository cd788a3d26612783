"""String annotations, and names that are imported under TYPE_CHECKING."""

from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    import sqlite3


def prepare():
    global one
    import sqlite3

    one = sqlite3.connect("shop.sqlite3")


async def first(target: "sqlite3.Connection"):
    target.execute("select 1")  # BLOCKS: sqlite3.execute


async def second(target: "Optional[sqlite3.Connection]" = None):
    if target:
        target.commit()  # BLOCKS: sqlite3.commit
        target.execute("select 1")  # BLOCKS: sqlite3.execute


async def third(target: "list[sqlite3.Connection]"):
    target[0].execute("select 1")  # BLOCKS: sqlite3.execute


async def main():
    await first(one)
    await second(one)
    await third([one])
