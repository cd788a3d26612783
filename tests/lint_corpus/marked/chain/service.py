"""A service, which uses the store."""

from store import Store


class Service:
    def __init__(self, store: Store):
        self.store = store

    def add(self, row):
        return self.store.write(row)
