"""The store."""

from ginger_async_safe import async_unsafe


class Store:
    @async_unsafe
    def write(self, row):
        return row
