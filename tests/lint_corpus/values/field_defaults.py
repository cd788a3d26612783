"""A default factory runs where the instance is made, and a field has what it gives."""

import dataclasses
import time


class Clock:
    def __init__(self):
        self.step = 0.001

    def tick(self):
        time.sleep(self.step)


def slow_clock():
    time.sleep(0.001)
    return Clock()


@dataclasses.dataclass
class Settings:
    name: str = dataclasses.field(default="")
    clock: Clock = dataclasses.field(default_factory=slow_clock)


async def main():
    settings = Settings()  # BLOCKS: time.sleep
    settings.clock.tick()  # BLOCKS: time.sleep
    Settings("", Clock())
