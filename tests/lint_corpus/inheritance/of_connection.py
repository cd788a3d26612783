"""A database connection that stores its statements instead of running them."""

import sqlite3


class Recorded(sqlite3.Connection):
    def execute(self, statement):
        return [statement]

    def run(self):
        return super().execute("select 1")


async def main():
    connection = sqlite3.connect("shop.sqlite3", factory=Recorded)  # BLOCKS: sqlite3.connect
    connection.execute("select 1")
    connection.run()  # BLOCKS: sqlite3.execute
