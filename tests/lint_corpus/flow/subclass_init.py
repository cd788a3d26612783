"""Hooks of classes, which run when a subclass is defined, or an instance created."""

import time


class Plugin:
    registered = []

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        Plugin.registered.append(cls)

    def __init__(self):
        self.ready = self.prepare()

    def prepare(self):
        return True


class Slow(Plugin):
    def prepare(self):
        time.sleep(0.001)
        return True


class Quick(Plugin):
    pass


async def main():
    Quick()
    Slow()  # BLOCKS: time.sleep
