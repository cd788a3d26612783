"""Context managers and callbacks of an exit stack, which run when it ends."""

import time
from contextlib import ExitStack, nullcontext, suppress


class Slow:
    def __enter__(self):
        time.sleep(0.001)
        return self

    def __exit__(self, *args):
        return None


async def main():
    with ExitStack() as stack:
        stack.enter_context(nullcontext())
        stack.callback(print, "left")
        stack.enter_context(Slow())  # BLOCKS: time.sleep
    with suppress(ValueError):
        int("x")
    with suppress(OSError):
        time.sleep(0.001)  # BLOCKS: time.sleep
