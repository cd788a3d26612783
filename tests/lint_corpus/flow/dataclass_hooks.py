"""Dataclasses with functions as fields, and with factories."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


def now():
    time.sleep(0.001)
    return 1


@dataclass
class Step:
    name: str
    action: Callable[[], object]
    tags: list = field(default_factory=list)


@dataclass
class Stamped:
    made: int = field(default_factory=now)


async def main():
    quick = Step("quick", dict)
    quick.action()
    slow = Step("slow", now)
    slow.action()  # BLOCKS: time.sleep
    Stamped()  # BLOCKS: time.sleep
    Stamped(made=2)
