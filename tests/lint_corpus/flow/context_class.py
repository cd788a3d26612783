"""Context manager classes, one of whose methods blocks."""

import time


class Timed:
    def __init__(self):
        self.started = None

    def __enter__(self):
        self.started = time.monotonic()
        return self

    def __exit__(self, *args):
        self.started = None


class Slow(Timed):
    def __exit__(self, *args):
        time.sleep(0.001)
        super().__exit__(*args)


async def main():
    with Timed() as timed:
        print(timed.started)
    with Slow() as slow:  # BLOCKS: time.sleep
        print(slow.started)
    with Timed(), Slow():  # BLOCKS: time.sleep
        pass
