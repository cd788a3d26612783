"""The shop, and its store."""

import sqlite3


class Store:
    def __init__(self, path):
        self.connection = sqlite3.connect(path)

    def load(self):
        return self.connection.execute("select 1")

    def quiet(self):
        return self.connection.in_transaction


class Memory:
    def load(self):
        return 1


store = Store("shop.sqlite3")
memory = Memory()
