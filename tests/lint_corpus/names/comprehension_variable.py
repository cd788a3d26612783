"""The variable of a comprehension hides the name of the module there, and only there."""

import time


class Clock:
    def sleep(self, seconds):
        return seconds


async def main():
    [time.sleep(1) for time in [Clock(), Clock()]]
    time.sleep(0.001)  # BLOCKS: time.sleep
    {time.sleep(1): 1 for time in [Clock()]}
