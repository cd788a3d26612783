"""Subclasses of library classes."""

import sqlite3
import threading


class Database(sqlite3.Connection):
    def count(self):
        return self.execute("select 1")


class Worker(threading.Thread):
    def run(self):
        threading.Event().wait(0.05)


async def main():
    database = Database("shop.sqlite3")  # BLOCKS: sqlite3.connect
    database.count()  # BLOCKS: sqlite3.execute
    database.execute("select 1")  # BLOCKS: sqlite3.execute
    worker = Worker()
    worker.start()
    worker.join()  # BLOCKS: threading.Thread.join
