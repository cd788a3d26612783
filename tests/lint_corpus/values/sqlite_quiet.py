"""What a database connection knows without a statement."""

import sqlite3


def prepare():
    global one
    one = sqlite3.connect("shop.sqlite3", check_same_thread=False)


async def main():
    one.in_transaction
    one.total_changes
    one.row_factory = sqlite3.Row
    cursor = one.cursor()
    cursor.arraysize, cursor.rowcount, cursor.description
    cursor.close()
    sqlite3.complete_statement("select 1;")
    one.interrupt()
    one.create_function("one", 0, lambda: 1)
