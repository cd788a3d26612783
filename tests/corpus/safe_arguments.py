"""Calls that cannot wait because of their arguments; beside each, if there is one, a similar call that waits."""
# ruff: noqa: ASYNC230 - these calls only look as if they blocked

from __future__ import annotations

import concurrent.futures
import contextlib
import fcntl
import inspect
import io
import logging
import multiprocessing
import multiprocessing.connection
import os
import pkgutil
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

from corpus.helpers import soon, text_file
from corpus.scenario import blocks, cleanup, safe

if TYPE_CHECKING:
    from corpus.scenario import Run


@safe()
def locks_of_files() -> Run:
    """Try to lock a file, and unlock it."""
    file = cleanup.enter_context(text_file().open("r+b"))
    other = cleanup.enter_context(text_file().open("r+b"))

    async def run() -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1)
        fcntl.lockf(file, fcntl.LOCK_UN)

    return run


@safe()
def commands_to_files() -> Run:
    """Use commands of fcntl that return a file's state, or lock it if that is possible at once."""
    file = cleanup.enter_context(text_file().open("r+b"))

    async def run() -> None:
        fcntl.fcntl(file, fcntl.F_GETFL)
        fcntl.fcntl(file, fcntl.F_SETLK, struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))

    return run


@blocks("fcntl.fcntl")
def command_that_waits() -> Run:
    """Wait for the lock of a file."""
    file = cleanup.enter_context(text_file().open("r+b"))

    async def run() -> None:
        fcntl.fcntl(file, fcntl.F_SETLKW, struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))  # HERE

    return run


@safe()
def addresses_that_are_no_names() -> Run:
    """Resolve addresses, which need no lookup."""

    async def run() -> None:
        socket.getaddrinfo("127.0.0.1", 80)
        socket.getaddrinfo("127.0.0.1", 80, socket.AF_INET, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)
        socket.getaddrinfo(b"127.0.0.1", 80)
        socket.getaddrinfo("127.1", 80)
        socket.getaddrinfo("::1", 80)
        with contextlib.suppress(OSError):
            socket.getaddrinfo("fe80::1%lo", 80)
        socket.getaddrinfo(None, 80, flags=socket.AI_PASSIVE)
        with contextlib.suppress(OSError):
            socket.getaddrinfo("example.org", 80, flags=socket.AI_NUMERICHOST)
        assert "127.0.0.1" == socket.gethostbyname("127.0.0.1")
        assert "127.0.0.1" == socket.gethostbyname_ex("127.0.0.1")[0]
        flags = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
        assert ("127.0.0.1", "80") == socket.getnameinfo(("127.0.0.1", 80), flags)

    return run


@blocks("socket.getaddrinfo")
def name_among_addresses() -> Run:
    """Look up a name that begins like an address."""

    async def run() -> None:
        with contextlib.suppress(OSError):
            socket.getaddrinfo("127.0.0.1.invalid", 80)  # HERE

    return run


@safe()
def sockets_with_nonblocking_flag() -> Run:
    """Receive and send on blocking sockets, with the flag that makes the call not wait."""
    near, far = map(cleanup.enter_context, socket.socketpair())

    async def run() -> None:
        for call in (
            lambda: near.recv(10, socket.MSG_DONTWAIT),
            lambda: near.recv_into(bytearray(10), 10, socket.MSG_DONTWAIT),
            lambda: near.recv_into(bytearray(10), flags=socket.MSG_DONTWAIT),
            lambda: near.recvfrom(10, socket.MSG_DONTWAIT),
            lambda: near.recvfrom_into(bytearray(10), 10, socket.MSG_DONTWAIT),
            lambda: near.recvmsg(10, 0, socket.MSG_DONTWAIT),
            lambda: near.recvmsg_into([bytearray(10)], 0, socket.MSG_DONTWAIT),
        ):
            with contextlib.suppress(BlockingIOError):
                call()
        far.send(b"hello", socket.MSG_DONTWAIT)
        far.sendall(b"hello", socket.MSG_DONTWAIT)
        far.sendmsg([b"hello"], [], socket.MSG_DONTWAIT)
        assert b"hellohellohello" == near.recv(100, socket.MSG_DONTWAIT)

    return run


@blocks("socket.recv", "socket.socket.recv")
def socket_with_timeout() -> Run:
    """Receive with the same flag from a socket with a timeout, for which Python waits nevertheless."""
    near, far = map(cleanup.enter_context, socket.socketpair())
    near.settimeout(5)
    trigger = soon(lambda: far.send(b"hello"))

    async def run() -> None:
        trigger()
        near.recv(10, socket.MSG_DONTWAIT)  # HERE

    return run


@safe()
def datagrams_connected() -> Run:
    """Connect datagram sockets, which only stores the address."""
    one, other = (cleanup.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2))

    async def run() -> None:
        one.connect(("127.0.0.1", 9))
        assert 0 == other.connect_ex(("127.0.0.1", 9))
        one.sendto(b"hello", socket.MSG_DONTWAIT, ("127.0.0.1", 9))

    return run


@safe()
def children_waited_for() -> Run:
    """Wait for a process that has already been waited for, and for no time."""
    ended = subprocess.Popen(["echo", "hello"], stdout=subprocess.PIPE)
    assert ended.stdout is not None
    cleanup.callback(ended.stdout.close)
    ended.wait()
    running = subprocess.Popen(["sleep", "30"])
    cleanup.callback(running.wait)
    cleanup.callback(running.kill)

    async def run() -> None:
        assert 0 == ended.wait()
        assert b"hello\n" == ended.communicate()[0]
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(timeout=0)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.communicate(timeout=0)

    return run


@safe(loops=("asyncio",))
def signals_without_waiting() -> Run:
    """Wait for a signal, for no time, and for one that is pending."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    cleanup.callback(signal.pthread_sigmask, signal.SIG_UNBLOCK, {signal.SIGUSR1})

    async def run() -> None:
        assert signal.sigtimedwait({signal.SIGUSR1}, 0) is None
        for wait in (signal.sigwait, signal.sigwaitinfo, lambda signals: signal.sigtimedwait(signals, 5)):
            signal.raise_signal(signal.SIGUSR1)
            wait({signal.SIGUSR1})

    return run


@safe()
def descriptors_opened() -> Run:
    """Create file objects for descriptors that are already open, and read one that does not block."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)

    async def run() -> None:
        with os.fdopen(reader, "rb", buffering=0) as source, open(writer, "wb", closefd=True) as target:  # noqa: PTH123
            assert source.read(10) is None
            assert target.fileno() == writer
        with io.FileIO(os.dup(1), "w"):
            pass

    return run


@safe()
def small_writes_to_pipe() -> Run:
    """Write to a blocking pipe that has room for the data."""
    reader, writer = os.pipe()
    cleanup.callback(os.close, reader)
    cleanup.callback(os.close, writer)

    async def run() -> None:
        assert 1 == os.write(writer, b"x")

    return run


def _of_processes(method: str) -> Run:
    context: Any = multiprocessing.get_context(method)

    async def run() -> None:
        kept = [context.Event(), context.Lock(), context.RLock(), context.Semaphore(), context.Queue()]
        kept.append(context.Condition())
        kept.append(context.SimpleQueue())
        kept.append(ProcessPoolExecutor(1, mp_context=context))
        cleanup.callback(kept.clear)

    return run


@safe()
def locks_for_spawned_processes() -> Run:
    """Create objects that processes share, which sends a few bytes to the resource tracker."""
    return _of_processes("spawn")


@safe()
def locks_for_processes_of_a_server() -> Run:
    """Do the same for the processes of a fork server."""
    return _of_processes("forkserver")


@safe()
def source_looked_at() -> Run:
    """Read source code and modules, as inspection tools do."""

    async def run() -> None:
        assert inspect.stack()
        assert "def source_looked_at" in inspect.getsource(source_looked_at)
        assert inspect.getframeinfo(sys._getframe()).code_context
        assert inspect.getmodule(source_looked_at)
        assert list(pkgutil.iter_modules())

    return run


@safe()
def tracebacks_in_c() -> Run:
    """Have the interpreter itself print errors, of a program and of a finalizer, with their lines."""

    class Broken:
        def __del__(self) -> None:
            raise ValueError

    hook = sys.unraisablehook

    async def run() -> None:
        said, sys.stderr = sys.stderr, io.StringIO()
        noted, sys.unraisablehook = sys.unraisablehook, sys.__unraisablehook__
        try:
            broken = Broken()
            del broken
            try:
                raise KeyError
            except KeyError:
                sys.__excepthook__(*sys.exc_info())
            shown = sys.stderr.getvalue()
        finally:
            sys.stderr, sys.unraisablehook = said, noted
        assert "raise ValueError" in shown, shown
        assert "raise KeyError" in shown, shown

    assert hook is not None
    return run


@safe()
def mistake_in_source() -> Run:
    """Compile source with a syntax error, whose line the interpreter reads."""
    path = text_file("(\n").with_suffix(".py")
    path.write_text("(\n", encoding="utf-8")

    async def run() -> None:
        try:
            compile("(", str(path), "exec")
        except SyntaxError:
            assert "SyntaxError" in traceback.format_exc()

    return run


@safe()
def times_that_are_over() -> Run:
    """Wait with a negative timeout."""
    condition = threading.Condition()
    mine, theirs = multiprocessing.Pipe()
    cleanup.callback(theirs.close)

    async def run() -> None:
        assert not threading.Event().wait(-1)
        with condition:
            assert not condition.wait(-1)
        assert not threading.Semaphore(0).acquire(timeout=-1)
        with contextlib.suppress(TimeoutError, concurrent.futures.TimeoutError):
            concurrent.futures.Future[None]().result(timeout=-1)
        assert not mine.poll(-1)

    return run


@safe()
def what_is_ready() -> Run:
    """Wait for something that is already available."""
    reading, writing = os.pipe()
    os.write(writing, b"text")
    mine, theirs = multiprocessing.Pipe()
    theirs.send("text")
    broken = threading.Barrier(2)
    broken.abort()

    async def run() -> None:
        assert [reading] == select.select([reading], [], [], 1)[0]
        assert [mine] == multiprocessing.connection.wait([mine])
        with contextlib.suppress(threading.BrokenBarrierError):
            broken.wait()

    return run


@safe()
def what_is_refused_at_once() -> Run:
    """Make calls that Python itself refuses."""
    closed = socket.socket()
    closed.close()

    async def run() -> None:
        with contextlib.suppress(RuntimeError):
            threading.current_thread().join()
        with contextlib.suppress(OSError):
            closed.recv(1)
        for timeout in (-2, float("nan"), 1e300):
            with contextlib.suppress(ValueError, OverflowError):
                assert not threading.Lock().acquire(timeout=timeout)

    return run


@blocks("time.sleep")
def handler_of_the_project() -> Run:
    """Log to a handler of the project that waits."""

    class SleepingHandler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            del record
            time.sleep(0.05)  # HERE

    logger = logging.getLogger("corpus.sleeping")
    logger.addHandler(SleepingHandler())
    logger.propagate = False

    async def run() -> None:
        logger.warning("text")

    return run


@blocks("file.open")
def opening_a_log() -> Run:
    """Open a log file."""
    path = text_file()

    async def run() -> None:
        logging.FileHandler(path).close()  # HERE

    return run
