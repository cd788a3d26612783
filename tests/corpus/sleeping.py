"""Sleeping: in tasks, in callbacks, and in everything else that an event loop runs."""
# ruff: noqa: ASYNC251, PLC0415 - this blocks on purpose, and imports where programs import

from __future__ import annotations

import asyncio
import signal
import socket
import time
from importlib import import_module
from typing import TYPE_CHECKING

from corpus.helpers import ready_anyio, signalled
from corpus.scenario import ASYNCIO, blocks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from corpus.scenario import Run


@blocks("time.sleep")
def time_sleep() -> Run:
    """Sleep by the module's own name."""

    async def run() -> None:
        time.sleep(0.001)  # HERE

    return run


@blocks("time.sleep")
def sleep_imported_earlier() -> Run:
    """Sleep by a name that was imported before the guard was on."""
    from time import sleep

    async def run() -> None:
        sleep(0.001)  # HERE

    return run


@blocks("time.sleep")
def sleep_deep_below() -> Run:
    """Sleep in a sync function that a sync function calls."""

    def inner() -> None:
        time.sleep(0.001)  # HERE

    def outer() -> None:
        inner()

    async def run() -> None:
        outer()

    return run


@blocks("time.sleep")
def sleep_after_await() -> Run:
    """Sleep in a later step of a task."""
    anyio = ready_anyio()

    async def run() -> None:
        await anyio.sleep(0.001)
        time.sleep(0.001)  # HERE

    return run


@blocks("time.sleep")
def sleep_in_async_generator() -> Run:
    """Sleep in the body of an async generator."""

    async def numbers() -> AsyncIterator[int]:
        yield 1
        time.sleep(0.001)  # HERE
        yield 2

    async def run() -> None:
        async for _ in numbers():
            pass

    return run


@blocks("time.sleep")
def sleep_entering_async_context_manager() -> Run:
    """Sleep in ``__aenter__``."""

    class Slow:
        async def __aenter__(self) -> None:
            time.sleep(0.001)  # HERE

        async def __aexit__(self, *_: object) -> None:
            pass

    async def run() -> None:
        async with Slow():
            pass

    return run


@blocks("time.sleep", loops=ASYNCIO)
def sleep_in_child_task() -> Run:
    """Sleep in a task that another task started."""

    async def child() -> None:
        time.sleep(0.001)  # HERE

    async def run() -> None:
        await asyncio.gather(child())

    return run


@blocks("time.sleep", loops=("trio",))
def sleep_in_nursery() -> Run:
    """Sleep in a child of a nursery."""
    trio = import_module("trio")

    async def child() -> None:
        time.sleep(0.001)  # HERE

    async def run() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(child)

    return run


@blocks("time.sleep")
def sleep_in_anyio_group() -> Run:
    """Sleep in a child of anyio's task group."""
    anyio = ready_anyio()

    async def child() -> None:
        time.sleep(0.001)  # HERE

    async def run() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(child)

    return run


@blocks("time.sleep", loops=ASYNCIO)
def sleep_in_callback() -> Run:
    """Sleep in a callback of the loop."""
    done: list[bool] = []

    def callback() -> None:
        time.sleep(0.001)  # HERE
        done.append(True)

    async def run() -> bool:
        asyncio.get_running_loop().call_later(0.001, callback)
        await asyncio.sleep(0.02)
        return bool(done)

    return run


@blocks("time.sleep", loops=ASYNCIO)
def sleep_in_done_callback() -> Run:
    """Sleep in a done-callback of a task."""
    done: list[bool] = []

    def callback(task: asyncio.Task[None]) -> None:
        time.sleep(0.001)  # HERE
        done.append(True)

    async def run() -> bool:
        task = asyncio.ensure_future(asyncio.sleep(0))
        task.add_done_callback(callback)
        await asyncio.sleep(0.01)
        return bool(done)

    return run


@blocks("time.sleep", loops=ASYNCIO)
def sleep_in_signal_handler() -> Run:
    """Sleep in a signal handler of the loop."""
    done: list[bool] = []

    def handler() -> None:
        time.sleep(0.001)  # HERE
        done.append(True)

    send = signalled(signal.SIGUSR1)

    async def run() -> bool:
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, handler)
        send()
        await asyncio.sleep(0.1)
        return bool(done)

    return run


@blocks("time.sleep", loops=ASYNCIO)
def sleep_in_protocol() -> Run:
    """Sleep in a protocol, when data arrives."""
    done: list[bool] = []

    class Slow(asyncio.Protocol):
        def data_received(self, data: bytes) -> None:
            time.sleep(0.001)  # HERE
            done.append(True)

    near, far = socket.socketpair()
    far.sendall(b"hello")

    async def run() -> bool:
        near.setblocking(False)
        transport, _ = await asyncio.get_running_loop().create_connection(Slow, sock=near)
        await asyncio.sleep(0.02)
        transport.close()
        return bool(done)

    return run
