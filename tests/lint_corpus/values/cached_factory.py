"""A factory with a cached result: it blocks at its first call."""

import functools
import sqlite3


@functools.lru_cache
def connect() -> sqlite3.Connection:
    return sqlite3.connect("shop.sqlite3")


@functools.cache
def name():
    return "name"


async def main():
    connect()  # BLOCKS: sqlite3.connect
    name()
    name.cache_clear()
    connect.cache_info()
