"""What a generic class is given for its type variables, also by the classes derived from it."""

import time
from typing import Generic, TypeVar


class Clock:
    def tick(self):
        time.sleep(0.001)


class Quiet:
    def tick(self):
        return None


T = TypeVar("T")
C = TypeVar("C", bound=Clock)


class Box(Generic[T]):
    content: T

    def __init__(self, value: T):
        self.value = value
        self.content = value

    def get(self) -> T:
        return self.value


class ClockBox(Box[Clock]):
    pass


class QuietBox(Box[Quiet]):
    pass


class Bound(Generic[C]):
    def __init__(self, value: C):
        self.value = value


async def of_parameter(box: Box[Clock]):
    box.get().tick()  # BLOCKS: time.sleep


async def of_field(box: Box[Clock]):
    box.content.tick()  # BLOCKS: time.sleep


async def of_base(box: ClockBox):
    box.get().tick()  # BLOCKS: time.sleep


async def of_bound(box: Bound):
    box.value.tick()  # BLOCKS: time.sleep


async def quiet(box: Box[Quiet], derived: QuietBox):
    box.get().tick()
    derived.get().tick()


async def main():
    make = globals()
    for function in (of_parameter, of_field, of_base, of_bound):
        await function(make["ClockBox"](make["Clock"]()))
    await quiet(make["QuietBox"](make["Quiet"]()), make["QuietBox"](make["Quiet"]()))
