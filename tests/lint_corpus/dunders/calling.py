"""An instance that is called."""

import time


class Slow:
    def __call__(self, value):
        time.sleep(0.001)
        return value


handler = Slow()


async def main():
    handler(1)  # BLOCKS: time.sleep
    Slow()(1)  # BLOCKS: time.sleep
    [handler]
