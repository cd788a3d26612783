"""Switching a guard on and off beside a running program has no observable effect on the program's objects."""

from __future__ import annotations

import gc
import os
import socket
import time
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from _running import in_new_process

from ginger_async_safe import guard_blocking_calls

if TYPE_CHECKING:
    from collections.abc import Callable

WITNESSES = """
import json, os, sys, threading, time
from collections import Counter
from ginger_async_safe import guard_blocking_calls

def view():
    buffer = bytearray(10)
    memory = memoryview(buffer); len(memory); del memory
    buffer.append(1)

def method_of_view():
    buffer = bytearray(10)
    method = memoryview(buffer).tobytes; method(); del method
    buffer.append(1)

def view_in_container():
    buffer = bytearray(10)
    for held in {"call": os.lstat, "view": memoryview(buffer)}, [os.lstat, memoryview(buffer)]:
        len(held)
    del held
    buffer.append(1)

def view_in_generator():
    buffer = bytearray(10)
    def inner():
        call, memory = os.lstat, memoryview(buffer)
        yield memory
    generator = inner(); next(generator); del generator
    buffer.append(1)

def unfinished_tuple():
    tuple(time.sleep for _ in range(11))

class Finalized:
    def __init__(self, ended):
        self.call, self.ended, self.thread = os.lstat, ended, threading.get_ident()
    def __del__(self):
        self.ended.append(self.thread == threading.get_ident())

class Slotted(Finalized):
    __slots__ = ("call", "ended", "thread")

def finalizer(kind=Finalized):
    ended = []
    thing = kind(ended); len(ended); del thing
    assert ended == [True], "it came late, or in another thread"

def finalizer_of_slotted():
    finalizer(Slotted)

def switch():
    for _ in range(8):
        guard_blocking_calls().stop()
    done.set()

done, noticed = threading.Event(), Counter()
sys.setswitchinterval(0.0001)
switching = threading.Thread(target=switch)
switching.start()
while not done.is_set():
    for witness in (%s,):
        try:
            witness()
        except Exception as error:
            noticed[repr(error)] += 1
switching.join()
print(json.dumps(noticed))
"""


@pytest.mark.parametrize(
    "witness",
    [
        "view",
        "method_of_view",
        "view_in_container",
        "view_in_generator",
        "unfinished_tuple",
        "finalizer",
        "finalizer_of_slotted",
    ],
)
def test_another_thread(witness: str) -> None:
    """Objects that another thread drops are not kept alive: buffers are resized, tuples finished, finalizers called."""
    assert in_new_process(WITNESSES % witness) == {}


def test_stream_reader() -> None:
    """Asyncio's stream reader, which resizes its buffer after each read, keeps working."""
    assert (
        in_new_process("""
            import asyncio, json, sys, threading
            from ginger_async_safe import guard_blocking_calls

            def switch(done):
                for _ in range(8):
                    guard_blocking_calls().stop()
                done.set()

            async def main():
                errors, done = [], threading.Event()
                switching = threading.Thread(target=switch, args=[done])
                switching.start()
                while not done.is_set():
                    reader = asyncio.StreamReader()
                    reader.feed_data(bytes(5000))
                    try:
                        for _ in range(500):
                            await reader.read(10)
                    except BufferError as error:
                        errors.append(str(error))
                switching.join()
                return errors

            sys.setswitchinterval(0.0001)
            print(json.dumps(asyncio.run(main())))
        """)
        == []
    )


def test_what_a_method_is_bound_to() -> None:
    """An object whose method is guarded is freed when the program drops it, not when the guard is switched off."""
    channel = socket.socket()
    held = [channel.recv]
    with guard_blocking_calls():
        assert type(held[0]).__name__ == "method", "it is guarded"
        alive = weakref.ref(channel)
        channel.close()
        del channel, held
        assert alive() is None


def test_the_collector() -> None:
    """The garbage collector is on afterwards if it was on, and off if it was off."""
    assert gc.isenabled()
    with guard_blocking_calls():
        assert gc.isenabled()
    gc.disable()
    try:
        with guard_blocking_calls():
            assert not gc.isenabled()
    finally:
        gc.enable()


def test_classes_that_cannot_be_compared() -> None:
    """Classes with a metaclass of the program are neither compared nor hashed."""

    class Picky(type):
        def __eq__(cls, other: object) -> bool:
            raise AssertionError

        __hash__ = None  # type: ignore[assignment]

    class Picked(metaclass=Picky):
        def __init__(self) -> None:
            self.look: Any = os.lstat

    picked = Picked()
    with guard_blocking_calls():
        assert picked.look is os.lstat
    assert picked.look is os.lstat


def work_of_switching(monkeypatch: pytest.MonkeyPatch) -> int:
    """Return with how many objects the garbage collector compares each reference, for one guard."""
    compared = []
    get_referrers: Callable[..., list[Any]] = gc.get_referrers

    def counting(*objects: object) -> list[Any]:
        compared.append(len(objects))
        return get_referrers(*objects)

    with monkeypatch.context() as patched:
        patched.setattr(gc, "get_referrers", counting)
        guard_blocking_calls().stop()
    return sum(compared)


def test_tuples_and_frozensets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tens of thousands of tuples and frozensets, which cannot be changed, are not searched for one by one."""
    alone = work_of_switching(monkeypatch)
    held: list[object] = [(time.sleep, os.lstat, number) for number in range(20_000)]
    held += [frozenset([time.sleep, os.lstat, number]) for number in range(20_000)]
    assert work_of_switching(monkeypatch) < alone + 200
    assert held[0] == (time.sleep, os.lstat, 0)
