"""What the watch costs: its share of a core, and what it makes of loops.

    python benchmarks/watch.py [--rounds N] [--seconds S] [--loop asyncio|uvloop|trio] [--check]

A loop idles, and then switches tasks as fast as it can, in turns with the watch and without. The share of a core is the
processor time of the watch's own thread, and what the loop's thread takes more than without; the slow-down is the
ratio of task switches in a second, of the two halves of a round. The medians of the rounds are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import statistics
import sys
import threading
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe import watch_loops

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

MOST_OF_A_CORE = 0.005
MOST_SLOW_DOWN = 1.03


class Half(NamedTuple):
    """One half of a round.

    Attributes:
        watch: The share of a core that the watch's thread took.
        loop: The share of a core that the loop's thread took.
        switches: Task switches in a second.
    """

    watch: float
    loop: float
    switches: float


def main() -> int:
    """Measure, print, and return 1 where a limit is not held and ``--check`` asks for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=41, help="how many rounds (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long each half takes (default: %(default)s)")
    parser.add_argument("--loop", choices=["asyncio", "uvloop", "trio"], default="asyncio")
    parser.add_argument("--check", action="store_true", help="exit 1 where a limit is not held")
    options = parser.parse_args()
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, {options.loop}")
    is_held = True
    for name, work in (("idle", idle), ("busy", busy)):
        with_watch: list[Half] = []
        without: list[Half] = []
        for turn in range(options.rounds):
            for is_watched in (turn % 2 == 0, turn % 2 == 1):  # who comes first changes
                half = measure(options.loop, work, options.seconds, is_watched=is_watched)
                (with_watch if is_watched else without).append(half)
        share = statistics.median(each.watch for each in with_watch)
        more = statistics.median(mine.loop - bare.loop for mine, bare in zip(with_watch, without, strict=True))
        slow_down = statistics.median(
            bare.switches / mine.switches for mine, bare in zip(with_watch, without, strict=True)
        )
        print(f"{name}: the watch's thread takes {share:.3%} of a core, the loop's thread {more:+.3%}", end="")
        print(f"; {slow_down:.3f} times as long for a task switch" if work is busy else "")
        is_held = is_held and share < MOST_OF_A_CORE and (work is idle or slow_down < MOST_SLOW_DOWN)
    print(f"limits: {MOST_OF_A_CORE:.1%} of a core for the thread, {MOST_SLOW_DOWN} times as long")
    return 0 if is_held or not options.check else 1


def measure(
    loop: str, work: Callable[[Any, float], Coroutine[Any, Any, int]], seconds: float, *, is_watched: bool
) -> Half:
    """Run a loop for some time, with the watch or without."""

    async def timed() -> Half:
        library = sys.modules["trio" if loop == "trio" else "asyncio"]
        clocks = [
            time.pthread_getcpuclockid(each.ident)
            for each in threading.enumerate()
            if "watch" in each.name and each.ident
        ]
        before = [time.clock_gettime(each) for each in clocks]
        start, own = time.perf_counter(), time.thread_time()
        switches = await work(library, seconds)
        took, own = time.perf_counter() - start, time.thread_time() - own
        watch = sum(time.clock_gettime(clock) - was for clock, was in zip(clocks, before, strict=True))
        return Half(watch / took, own / took, switches / took)

    with watch_loops(report=print) if is_watched else nullcontext():
        return runner(loop)(timed)


def runner(loop: str) -> Callable[[Callable[[], Coroutine[Any, Any, Half]]], Half]:
    """Return what runs a coroutine function on a loop of that name."""
    if loop == "trio":
        import trio  # noqa: PLC0415 - it is measured only where it is asked for

        return trio.run
    if loop == "uvloop":
        import uvloop  # noqa: PLC0415 - so is this

        return lambda main: uvloop.run(main())
    return lambda main: asyncio.run(main())


async def idle(library: Any, seconds: float) -> int:  # noqa: ANN401 - a module
    """Wait for the clock."""
    await library.sleep(seconds)
    return 1


async def busy(library: Any, seconds: float) -> int:  # noqa: ANN401 - a module
    """Give the loop its turn, again and again."""
    end = time.perf_counter() + seconds
    switches = 0
    while time.perf_counter() < end:
        for _ in range(100):
            await library.sleep(0)
        switches += 100
    return switches


if __name__ == "__main__":
    sys.exit(main())
