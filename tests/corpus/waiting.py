"""Waiting for the operating system: readiness, signals, and typed input."""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import signal
import sys
from typing import TYPE_CHECKING

from corpus.helpers import on_stdin, signalled, soon
from corpus.scenario import blocks, cleanup

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus.scenario import Run


def _pipe() -> tuple[int, Callable[[], None]]:
    reader, writer = os.pipe()
    cleanup.callback(os.close, reader)
    return reader, soon(lambda: os.write(writer, b"hello\n"))


@blocks("select.select")
def select_readable() -> Run:
    """Wait until a descriptor is readable."""
    reader, trigger = _pipe()

    async def run() -> None:
        trigger()
        select.select([reader], [], [])  # HERE

    return run


@blocks("select.select")
def select_as_sleep() -> Run:
    """Sleep by ``select``."""

    async def run() -> None:
        select.select([], [], [], 0.01)  # HERE

    return run


@blocks("select.poll", "select.poll.poll")
def poll() -> Run:
    """Wait for an event of a poll object."""
    reader, trigger = _pipe()
    poller = select.poll()
    poller.register(reader, select.POLLIN)

    async def run() -> None:
        trigger()
        poller.poll()  # HERE

    return run


@blocks("select.poll", "select.epoll.poll")
def epoll() -> Run:
    """Wait for an event of the program's own epoll object."""
    reader, trigger = _pipe()
    poller = cleanup.enter_context(select.epoll())
    poller.register(reader, select.EPOLLIN)

    async def run() -> None:
        trigger()
        poller.poll()  # HERE

    return run


@blocks("select.poll", "selectors.DefaultSelector.select", "selectors.EpollSelector.select", "select.epoll.poll")
def selector() -> Run:
    """Wait for an event of the program's own selector."""
    reader, trigger = _pipe()
    selector = cleanup.enter_context(selectors.DefaultSelector())
    selector.register(reader, selectors.EVENT_READ)

    async def run() -> None:
        trigger()
        selector.select()  # HERE

    return run


@blocks("os.read")
def read_of_pipe() -> Run:
    """Wait for data from a pipe."""
    reader, trigger = _pipe()

    async def run() -> None:
        trigger()
        os.read(reader, 10)  # HERE

    return run


@blocks("os.write")
def write_to_full_pipe() -> Run:
    """Wait for room in a pipe."""
    reader, writer = os.pipe()
    cleanup.callback(os.close, reader)
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, bytes(4096))
    os.set_blocking(writer, True)
    trigger = soon(lambda: os.read(reader, 1_000_000))

    async def run() -> None:
        trigger()
        os.write(writer, bytes(4096))  # HERE

    return run


@blocks("input")
def input_line() -> Run:
    """Wait for a typed line."""
    trigger = on_stdin(b"hello\n")

    async def run() -> None:
        trigger()
        input()  # noqa: ASYNC250 # HERE

    return run


@blocks("file.read", "io.TextIOWrapper.readline")
def stdin_readline() -> Run:
    """Wait for a line of the standard input."""
    trigger = on_stdin(b"hello\n")

    async def run() -> None:
        trigger()
        sys.stdin.readline()  # HERE

    return run


@blocks("file.read", "io.TextIOWrapper.__next__")
def iterate_over_stdin() -> Run:
    """Wait for each line of the standard input."""
    trigger = on_stdin(b"hello\n")

    async def run() -> None:
        trigger()
        for _ in sys.stdin:  # HERE
            break

    return run


@blocks("signal.sigwait")
def sigwait() -> Run:
    """Wait for a signal."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    trigger = signalled(signal.SIGUSR2)

    async def run() -> None:
        trigger()
        signal.sigwait({signal.SIGUSR2})  # HERE

    return run


@blocks("signal.sigtimedwait")
def sigtimedwait() -> Run:
    """Wait for a signal, with a timeout."""

    async def run() -> None:
        signal.sigtimedwait({signal.SIGUSR2}, 0.01)  # HERE

    return run


@blocks("signal.sigwaitinfo")
def sigwaitinfo() -> Run:
    """Wait for a signal and what came with it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    trigger = signalled(signal.SIGUSR2)

    async def run() -> None:
        trigger()
        signal.sigwaitinfo({signal.SIGUSR2})  # HERE

    return run


@blocks("signal.pause")
def pause() -> Run:
    """Wait for any signal."""
    signal.signal(signal.SIGUSR2, lambda number, frame: None)
    trigger = signalled(signal.SIGUSR2)

    async def run() -> None:
        trigger()
        signal.pause()  # HERE

    return run
