"""The shop."""

import functools
import sqlite3


class Store:
    def __init__(self):
        self.connection = sqlite3.connect("shop.sqlite3")
        self.rows = []

    def load(self):
        return self.connection.execute("select 1")

    def quiet(self):
        return self.connection.total_changes


store = Store()


@functools.lru_cache
def current():
    return store
