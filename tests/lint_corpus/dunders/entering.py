"""Methods that ``with`` calls."""

import time


class Slow:
    def __enter__(self):
        time.sleep(0.001)
        return self

    def __exit__(self, *_):
        return None


class Leaving:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        time.sleep(0.001)


class Quiet:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


async def main():
    with Slow():  # BLOCKS: time.sleep
        pass
    with Quiet(), Leaving() as leaving:  # BLOCKS: time.sleep
        print(leaving)
    with Quiet():
        pass
