"""Async context managers."""

import contextlib
import sqlite3
import time


class Slow:
    async def __aenter__(self):
        time.sleep(0.001)  # BLOCKS: time.sleep
        return self

    async def __aexit__(self, *_):
        return None


@contextlib.asynccontextmanager
async def database():
    connection = sqlite3.connect("shop.sqlite3")  # BLOCKS: sqlite3.connect
    yield connection


async def main():
    async with Slow():
        pass
    async with database() as connection:
        connection.execute("select 1")  # BLOCKS: sqlite3.execute
