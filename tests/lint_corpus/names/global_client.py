"""A connection that is created at its first use."""

import sqlite3

_connection = None


def connection():
    global _connection
    if _connection is None:
        _connection = sqlite3.connect("shop.sqlite3", check_same_thread=False)
    return _connection


async def main():
    connection()  # BLOCKS: sqlite3.connect
    _connection.execute("select 1")  # BLOCKS: sqlite3.execute
