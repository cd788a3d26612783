"""A decorator object with arguments, which makes callable objects."""

import time


class Command:
    def __init__(self, name):
        self.name = name
        self.function = None

    def __call__(self, *args):
        if self.function is None:
            self.function = args[0]
            return self
        return self.function(*args)


@Command("slow")
def slow(seconds):
    time.sleep(seconds)


async def main():
    print(slow.name)
    slow(0.001)  # BLOCKS: time.sleep
