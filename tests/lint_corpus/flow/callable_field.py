"""A function in a field of a dataclass."""

import time
from dataclasses import dataclass
from typing import Callable


@dataclass
class Job:
    run: Callable[[], None]

    def start(self):
        self.run()


def slow():
    time.sleep(0.001)


def quiet():
    return None


async def main():
    Job(slow).start()  # BLOCKS: time.sleep
    Job(quiet).start()
