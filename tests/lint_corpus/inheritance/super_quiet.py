"""``super()`` in a diamond of classes, where the next class does not block."""

import time


class Root:
    def load(self):
        return 1


class Slow(Root):
    def load(self):
        time.sleep(0.001)


class Quick(Root):
    def load(self):
        return super().load()


class Both(Quick, Root):
    def load(self):
        return super().load()


async def main():
    Both().load()
    Quick().load()
    super(Slow, Slow()).load()
