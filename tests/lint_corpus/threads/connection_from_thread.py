"""A connection that a thread opened blocks on the loop nonetheless."""

import asyncio
import sqlite3


def connect():
    return sqlite3.connect("shop.sqlite3", check_same_thread=False)


async def main():
    connection = await asyncio.to_thread(connect)
    connection.execute("select 1")  # BLOCKS: sqlite3.execute
    await asyncio.to_thread(connection.execute, "select 1")
    rows = await asyncio.to_thread(lambda: connection.execute("select 1").fetchall())
    rows.append(1)
