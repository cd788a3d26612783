"""``__getattr__`` is called for missing attributes only."""

import time


class Lazy:
    name = "a"

    def __init__(self):
        self.size = 1

    def __getattr__(self, name):
        time.sleep(0.001)
        return name

    def method(self):
        return self.size


async def main():
    lazy = Lazy()
    lazy.name, lazy.size, lazy.method()
    lazy.other = 1
    lazy.other
    Lazy.name
