"""Parameters that are annotated with names for types: Annotated, Optional, a union, and NewType."""

import time
from typing import Annotated, Dict, List, NewType, Optional, Union


class Clock:
    def tick(self):
        time.sleep(0.001)


class Quiet:
    def tick(self):
        return None


Noted = Annotated[Clock, "a note"]
Maybe = Optional[Clock]
Either = Union[Quiet, Clock]
Piped = Clock | None
Named = NewType("Named", Clock)
Several = List[Clock]
ByName = Dict[str, Clock]
Text = "Clock | None"
OfOther = Annotated[Quiet, Clock]


async def noted(clock: Noted):
    clock.tick()  # BLOCKS: time.sleep


async def maybe(clock: Maybe):
    if clock is not None:
        clock.tick()  # BLOCKS: time.sleep


async def either(clock: Either):
    clock.tick()  # BLOCKS: time.sleep


async def piped(clock: Piped):
    if clock:
        clock.tick()  # BLOCKS: time.sleep


async def named(clock: Named):
    clock.tick()  # BLOCKS: time.sleep


async def several(clocks: Several, by_name: ByName):
    clocks[0].tick()  # BLOCKS: time.sleep
    for clock in by_name.values():
        clock.tick()  # BLOCKS: time.sleep


async def by_union(clock):
    if isinstance(clock, Clock | Quiet):
        clock.tick()  # BLOCKS: time.sleep


async def of_other(clock: OfOther):
    clock.tick()


async def main():
    make = globals()["Clock"]
    for function in (noted, maybe, either, piped, named, by_union):
        await function(make())
    await several([make()], {"": make()})
    await of_other(globals()["Quiet"]())
