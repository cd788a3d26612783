"""Setting and deleting items, which blocks in another class only."""

import time


class Slow:
    def __setitem__(self, key, value):
        time.sleep(0.001)

    def __delitem__(self, key):
        time.sleep(0.001)

    def __getitem__(self, key):
        return key


class Quick:
    def __init__(self):
        self.items = {}

    def __setitem__(self, key, value):
        self.items[key] = value

    def __delitem__(self, key):
        del self.items[key]


async def main():
    quick = Quick()
    quick["a"] = Slow()
    del quick["a"]
    Slow()["a"]
    slow = Slow()
    del slow
