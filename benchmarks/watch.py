"""What the watch costs: its share of a core, and how it slows down loops.

python benchmarks/watch.py [--rounds N] [--seconds S] [--loop asyncio uvloop trio] [--loops N] [--check]

A loop idles, and then switches tasks as fast as it can, in turn with the watch and without. The share of a core is the
processor time of the watch's own thread, and the additional time of the loop's thread; the slow-down is the ratio of
task switches a second, of the two halves of a round. The medians of the rounds are printed.

With ``--loops``, that many loops idle, each in its own thread: the share of a core is printed for one and for all, with
the number of reports, of which there should be none.
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
MOST_OF_A_CORE_FOR_MANY = 0.1
SETTLED = 1.0  # seconds after which loops that were started at the same time idle


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
    """Measure, print, and return 1 if a limit is exceeded and ``--check`` is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=41, help="how many rounds (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long each half takes (default: %(default)s)")
    parser.add_argument("--loop", choices=["asyncio", "uvloop", "trio"], default="asyncio")
    parser.add_argument("--loops", type=int, help="measure so many idle loops instead")
    parser.add_argument("--check", action="store_true", help="exit 1 where a limit is not held")
    options = parser.parse_args()
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, {options.loop}")
    if options.loops is not None:
        shares = {count: many(options.loop, count, options.seconds * 10) for count in (1, options.loops)}
        for count, (share, reports) in shares.items():
            print(f"{count} idle: the watch's thread takes {share:.3%} of a core; {reports} reports")
        share, reports = shares[options.loops]
        print(f"limits: {MOST_OF_A_CORE_FOR_MANY:.0%} of a core, no report")
        return int(options.check and (share > MOST_OF_A_CORE_FOR_MANY or reports > 0))
    is_held = True
    for name, work in (("idle", idle), ("busy", busy)):
        with_watch: list[Half] = []
        without: list[Half] = []
        for turn in range(options.rounds):
            for is_watched in (turn % 2 == 0, turn % 2 == 1):  # the order alternates
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
        half: Half = runner(loop)(timed)
        return half


def many(loop: str, count: int, seconds: float) -> tuple[float, int]:
    """Run many idle loops; return the share of a core that the watch's thread takes, and the number of reports."""
    reports: list[object] = []
    started = threading.Semaphore(0)
    is_over = threading.Event()

    async def main() -> None:
        library = sys.modules["trio" if loop == "trio" else "asyncio"]
        started.release()
        while not is_over.is_set():
            await library.sleep(seconds)

    threading.stack_size(256 * 1024)
    with watch_loops(report=reports.append):
        threads = [threading.Thread(target=runner(loop), args=[main], daemon=True) for _ in range(count)]
        for each in threads:
            each.start()
        for _ in threads:
            started.acquire()
        time.sleep(SETTLED)
        watch = next(each.ident for each in threading.enumerate() if "watch" in each.name)
        clock = time.pthread_getcpuclockid(watch or 0)
        start, before = time.perf_counter(), time.clock_gettime(clock)
        time.sleep(seconds - 2 * SETTLED)
        share = (time.clock_gettime(clock) - before) / (time.perf_counter() - start)
        is_over.set()
        for each in threads:
            each.join()
    return share, len(reports)


def runner(loop: str) -> Callable[[Callable[[], Coroutine[Any, Any, Any]]], Any]:
    """Return a function that runs a coroutine function on a loop of that name."""
    if loop == "trio":
        import trio  # noqa: PLC0415 - only if it is measured

        return trio.run
    if loop == "uvloop":
        import uvloop  # noqa: PLC0415 - as above

        return lambda main: uvloop.run(main())
    return lambda main: asyncio.run(main())


async def idle(library: Any, seconds: float) -> int:  # noqa: ANN401 - a module
    """Sleep."""
    await library.sleep(seconds)
    return 1


async def busy(library: Any, seconds: float) -> int:  # noqa: ANN401 - a module
    """Return control to the loop repeatedly."""
    end = time.perf_counter() + seconds
    switches = 0
    while time.perf_counter() < end:
        for _ in range(100):
            await library.sleep(0)
        switches += 100
    return switches


if __name__ == "__main__":
    sys.exit(main())
