"""What guards for blocking calls cost a program that does not block its loop.

python benchmarks/blocking_calls.py [--rounds N] [--only NAME …] [--guards NAME …]

In each round, each guard has a new process for each load, in which the load runs once to warm up, once without the
guard, and once with it. The processor time with the guard is divided by that without it; the medians of these ratios
over all rounds are printed. The guard "nothing" does nothing: it shows how much such ratios vary on this machine.
Imports can be cold only once, so their two times are from two processes. blockbuster and aiocop are measured, too, if
they are installed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SWITCHES = 200_000
CONNECTIONS = 64
ECHOES = 150  # by each connection
CALLS = 100_000
MODULES = 200


@contextmanager
def _ours() -> Iterator[None]:
    with import_module("ginger_async_safe").guard_blocking_calls():
        yield


@contextmanager
def _blockbuster() -> Iterator[None]:
    with import_module("blockbuster").blockbuster_ctx():
        yield


@contextmanager
def _aiocop() -> Iterator[None]:
    aiocop = import_module("aiocop")
    aiocop.patch_audit_functions()
    aiocop.start_blocking_io_detection()
    aiocop.detect_slow_tasks()
    aiocop.activate()
    yield
    aiocop.deactivate()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


GUARDS = {"nothing": _nothing, "ours": _ours, "blockbuster": _blockbuster, "aiocop": _aiocop}


def task_switches() -> float:
    """Two tasks that switch to each other."""

    async def give_way() -> None:
        for _ in range(SWITCHES // 2):
            await asyncio.sleep(0)

    async def both() -> float:
        start = time.process_time()
        await asyncio.gather(give_way(), give_way())
        return time.process_time() - start

    return asyncio.run(both())


def echo_server() -> float:
    """Many clients of an echo server, on the same loop."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
        writer.close()

    async def client(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(ECHOES):
            writer.write(b"hello\n")
            await reader.readline()
        writer.close()
        await writer.wait_closed()

    async def serve() -> float:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            start = time.process_time()
            await asyncio.gather(*(client(port) for _ in range(CONNECTIONS)))
            return time.process_time() - start

    return asyncio.run(serve())


def computing() -> float:
    """A loop that computes, in calls of small functions."""

    def add(one: int, other: int) -> int:
        return max(one, other) + len((one, other))

    async def compute() -> float:
        start = time.process_time()
        total = 0
        for number in range(10 * CALLS):
            total = add(total, number)
        return time.process_time() - start

    return asyncio.run(compute())


def _in_thread(work: Callable[[], None]) -> float:
    """Do something in a worker thread of a running loop, and return how many seconds it took there."""
    seconds = []

    def timed() -> None:
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)

    async def wait() -> None:
        await asyncio.to_thread(timed)

    asyncio.run(wait())
    return seconds[0]


def stat_in_thread() -> float:
    """``os.stat`` in a worker thread."""

    def work() -> None:
        for _ in range(CALLS):
            os.stat("/")  # noqa: PTH116 - this call is what is measured

    return _in_thread(work)


def select_in_thread() -> float:
    """``SELECT 1`` by sqlite in a worker thread."""

    def work() -> None:
        connection = sqlite3.connect(":memory:")
        cursor = connection.cursor()
        for _ in range(CALLS):
            cursor.execute("SELECT 1")
        connection.close()

    return _in_thread(work)


def lock_in_thread() -> float:
    """Acquiring and releasing a lock in a worker thread."""
    lock = threading.Lock()

    def work() -> None:
        for _ in range(5 * CALLS):
            lock.acquire()
            lock.release()

    return _in_thread(work)


def with_lock_in_thread() -> float:
    """The same with a ``with`` statement."""
    lock = threading.Lock()

    def work() -> None:
        for _ in range(5 * CALLS):
            with lock:
                pass

    return _in_thread(work)


def cold_imports() -> float:
    """The first imports of many modules."""
    folder = Path(json.__file__).parent.parent
    names = sorted(module.name for module in iter_modules([str(folder)]))
    left_out = {"this", "antigravity", "idlelib", "__phello__", "test", "lib2to3", "turtle", "tkinter", "turtledemo"}
    start = time.process_time()
    done = 0
    for name in names:
        if name in sys.modules or name in left_out or done == MODULES:
            continue
        try:
            import_module(name)
        except ImportError:
            continue  # not for this system
        done += 1
    return time.process_time() - start


LOADS = {
    "200,000 task switches": task_switches,
    "echo server, 64 connections": echo_server,
    "computing on the loop": computing,
    "os.stat in a thread": stat_in_thread,
    "sqlite SELECT 1 in a thread": select_in_thread,
    "lock in a thread": lock_in_thread,
    "with lock in a thread": with_lock_in_thread,
    "cold imports": cold_imports,
}
LIMITS = {
    "200,000 task switches": 1.03,
    "echo server, 64 connections": 1.03,
    "os.stat in a thread": 1.25,
    "sqlite SELECT 1 in a thread": 1.25,
    "lock in a thread": 3,
    "with lock in a thread": 3,
    "cold imports": 1.1,
}


HELD = "held = [kind((time.sleep, open, number)) for number in range(50_000) for kind in (tuple, frozenset)]"


def switching_on(rounds: int, before: str = "pass") -> float:
    """Return the median time of switching on, in seconds, in new processes, after some code has run there."""
    code = (
        "import asyncio, sqlite3, socket, subprocess, time, ginger_async_safe as g; g.guard_blocking_calls; "
        f"{before}; "
        "start = time.perf_counter(); guard = g.guard_blocking_calls(); print(time.perf_counter() - start)"
    )
    return statistics.median(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout)
        for _ in range(rounds)
    )


def measured(load: str, guard: str) -> float:
    """Return the ratio of a load's time under a guard to its time without, in new processes."""
    if LOADS[load] is cold_imports:
        (without,), (under,) = _seconds(load, "nothing"), _seconds(load, guard)
    else:
        without, under = _seconds(load, guard)
    return under / without


def _seconds(load: str, guard: str) -> list[float]:
    command = [sys.executable, __file__, "--one", load, guard]
    # Whether glibc returns memory after each read of a socket depends on where the heap happens to end: here it never does.
    environment = {**os.environ, "MALLOC_TOP_PAD_": str(1 << 26), "MALLOC_TRIM_THRESHOLD_": str(1 << 28)}
    environment["MALLOC_MMAP_THRESHOLD_"] = str(1 << 26)
    done = subprocess.run(command, capture_output=True, check=True, env=environment, text=True)
    return [float(line) for line in done.stdout.split()]


def run_here(load: str, guard: str) -> Iterator[float]:
    """Yield the seconds of a load without a guard and with it, or only with it if it can run only once."""
    if LOADS[load] is not cold_imports:
        LOADS[load]()
        yield LOADS[load]()
    with GUARDS[guard]():
        yield LOADS[load]()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11, help="how many rounds (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=LOADS, default=list(LOADS), help="the loads to run (default: all)")
    parser.add_argument("--guards", nargs="+", choices=list(GUARDS), default=list(GUARDS))
    parser.add_argument("--one", nargs=2, metavar=("LOAD", "GUARD"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        for seconds in run_here(*options.one):
            print(seconds)
        return
    guards = [each for each in options.guards if each in {"nothing", "ours"} or find_spec(each)]
    print(
        f"Python {platform.python_version()}, medians of {options.rounds} rounds, as multiples of the time with no guard"
    )
    print(f"{'':28}  {'  '.join(f'{each:>11}' for each in guards)}  limit for ours")
    for load in options.only:
        ratios: dict[str, list[float]] = {each: [] for each in guards}
        for turn in range(options.rounds):
            first = turn % len(guards)
            for guard in (*guards[first:], *guards[:first]):
                ratios[guard].append(measured(load, guard))
        cells = "  ".join(f"{statistics.median(each):>10.2f}x" for each in ratios.values())
        print(f"{load:28}  {cells}  {LIMITS.get(load, '')}", flush=True)
    print(f"switching on: {1000 * switching_on(options.rounds):.1f} ms (limit: 25 ms)")
    print(f"beside 50,000 tuples and 50,000 frozensets: {1000 * switching_on(options.rounds, HELD):.1f} ms")


if __name__ == "__main__":
    main()
