"""Members of an enumeration have methods and properties, too."""

import enum
import time


class Way(enum.Enum):
    SLOW = 1
    QUICK = 2

    def go(self):
        time.sleep(0.001)

    @property
    def calm(self):
        return self.value

    @classmethod
    def default(cls):
        return cls.QUICK


async def main():
    Way.SLOW.value
    Way.SLOW.calm
    Way.default().name
    Way(1)
    Way["SLOW"]
    Way.default().go()  # BLOCKS: time.sleep
    list(Way)
