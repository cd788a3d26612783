"""What no guard of calls can detect, and a watch on the loop can: computing, long calls into C, unknown extensions."""

from __future__ import annotations

import asyncio
import ctypes
import hashlib
import json
import re
import time
import zlib
from typing import TYPE_CHECKING

from corpus.scenario import ASYNCIO, blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus.scenario import Run

# Each takes about this long, in seconds, so that a watch with a threshold of 0.1 has the time to detect it.
# Computations are measured by the processor time of their thread: on a busy machine, the wall clock would make them
# shorter.
_SECONDS = 0.3


def _times(work: Callable[[], object]) -> int:
    """Return how often something has to be done to take that long."""
    count, started = 0, time.thread_time()
    while time.thread_time() - started < _SECONDS / 10:
        work()
        count += 1
    return max(1, count * 10)


@blocks("watch", seen_by="watch")
def computing() -> Run:
    """Compute in Python."""
    numbers = range(100_000 * _times(lambda: sum(number * number for number in range(100_000))))

    async def run() -> None:
        sum(number * number for number in numbers)  # HERE

    return run


@blocks("watch", seen_by="watch")
def computing_in_callee() -> Run:
    """Compute in a function that a sync function calls."""

    def work(seconds: float) -> None:
        end = time.thread_time() + seconds
        while time.thread_time() < end:  # HERE
            pass

    async def run() -> None:
        work(_SECONDS)

    return run


@blocks("watch", seen_by="watch", loops=ASYNCIO)
def computing_in_callback() -> Run:
    """Compute in a callback of the loop."""

    def callback() -> None:
        end = time.thread_time() + _SECONDS
        while time.thread_time() < end:  # HERE
            pass

    async def run() -> None:
        asyncio.get_running_loop().call_soon(callback)
        await asyncio.sleep(0.01)

    return run


@blocks("watch", seen_by="watch")
def regular_expression() -> Run:
    """Match a regular expression that backtracks a lot."""
    pattern = re.compile("(a|a)*b")
    size, seconds = 15, 0.0
    while seconds < _SECONDS / 2:
        size += 1
        started = time.thread_time()
        pattern.match("a" * size)
        seconds = time.thread_time() - started
    text = "a" * (size + 1)

    async def run() -> None:
        pattern.match(text)  # HERE

    return run


@blocks("watch", seen_by="watch")
def json_of_much() -> Run:
    """Parse a lot of JSON, which holds the GIL."""
    part = json.dumps(list(range(10_000)))
    text = "[" + ",".join([part] * _times(lambda: json.loads(part))) + "]"

    async def run() -> None:
        json.loads(text)  # HERE

    return run


@blocks("watch", seen_by="watch")
def compressing() -> Run:
    """Compress a lot, which releases the GIL."""
    part = bytes(range(256)) * 400
    data = part * _times(lambda: zlib.compress(part, 9))

    async def run() -> None:
        zlib.compress(data, 9)  # HERE

    return run


@blocks("watch", seen_by="watch")
def hashing_a_password() -> Run:
    """Hash a password, which is slow on purpose."""
    rounds = 1000 * _times(lambda: hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 1000))

    async def run() -> None:
        hashlib.pbkdf2_hmac("sha256", b"password", b"salt", rounds)  # HERE

    return run


@blocks("watch", seen_by="watch")
def sorting() -> Run:
    """Sort a long list by a key."""
    part = [number * 7919 % 10_007 for number in range(10_000)]
    numbers = part * _times(lambda: sorted(part, key=str))

    async def run() -> None:
        sorted(numbers, key=str)  # HERE

    return run


@blocks("watch", seen_by="watch")
def unknown_extension() -> Run:
    """Sleep in a C library that no rule covers."""
    library = ctypes.CDLL(None)

    async def run() -> None:
        library.usleep(int(_SECONDS * 1e6))  # HERE

    return run


@blocks("watch", seen_by="watch")
def big_numbers() -> Run:
    """Multiply numbers of a million digits: one long instruction."""
    number = 3**200_000
    seconds = 0.0
    while seconds < _SECONDS / 3:
        number *= number
        started = time.thread_time()
        number * number
        seconds = time.thread_time() - started
    number *= number

    async def run() -> None:
        number * number  # HERE

    return run
