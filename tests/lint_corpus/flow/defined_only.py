"""Functions that are defined, stored and passed on, and never called."""

import time


def outer():
    def slow():
        time.sleep(1)

    return 1


class Holder:
    def __init__(self, function):
        self.function = function

    def run(self):
        return self.function()


async def main():
    async def never():
        time.sleep(1)

    def nested():
        time.sleep(1)

    kept = [nested, time.sleep, lambda: time.sleep(1)]
    holder = Holder(nested)
    outer()
    return kept, never, holder.function, {"sleep": time.sleep}
