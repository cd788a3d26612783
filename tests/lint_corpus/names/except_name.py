"""Names that ``except``, ``for`` and ``with`` bind hide those of modules."""

import contextlib
import time as module


class Clock(Exception):
    def sleep(self, seconds):
        return seconds


async def main():
    try:
        raise Clock
    except Clock as time:
        time.sleep(1)
    for time in [Clock()]:
        time.sleep(1)
    with contextlib.nullcontext(Clock()) as time:
        time.sleep(1)
    module.sleep(0.001)  # BLOCKS: time.sleep
