"""A class that can be awaited."""

import time


class Job:
    def __await__(self):
        time.sleep(0.001)
        return iter(())


async def main():
    await Job()  # BLOCKS: time.sleep
