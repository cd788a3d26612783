"""Context managers that an exit stack enters."""

import contextlib
import time


class Slow:
    def __enter__(self):
        time.sleep(0.001)
        return self

    def __exit__(self, *_):
        return None


async def main():
    with contextlib.ExitStack() as stack:
        stack.enter_context(Slow())  # BLOCKS: time.sleep
    with contextlib.nullcontext(1) as one:
        print(one)
