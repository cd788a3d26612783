"""``__post_init__`` of a dataclass."""

import time
from dataclasses import dataclass


@dataclass
class Order:
    name: str

    def __post_init__(self):
        time.sleep(0.001)


async def main():
    Order("a")  # BLOCKS: time.sleep
