"""Databases in memory, under each of their names, which access no disk."""

import sqlite3


async def main():
    connection = sqlite3.connect(":memory:")
    connection.execute("create table books (title)")
    cursor = connection.cursor()
    cursor.execute("select title from books").fetchall()
    connection.commit()
    other = sqlite3.connect("file:shop?mode=memory&cache=shared", uri=True)
    other.execute("select 1").fetchone()
    other.close()
    connection.close()
