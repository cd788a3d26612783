"""The references by which programs call a function: names, bound methods, callbacks, finalizers and others."""
# ruff: noqa: PLC0415, PTH116 - this blocks on purpose, by references that it took earlier

from __future__ import annotations

import asyncio
import functools
import io
import operator
import os
import sqlite3
import time
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from corpus.helpers import text_file
from corpus.scenario import ASYNCIO, blocks, cleanup, workdir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from corpus.scenario import Run

_NAP = 0.2  # seconds: if no error arrives, the clock shows whether the call ran, on a busy machine too


@blocks("file.read", "io.TextIOWrapper.read")
def bound_method() -> Run:
    """Call a method that was bound earlier."""
    read = cleanup.enter_context(text_file().open(encoding="utf-8")).read

    async def run() -> None:
        read()  # HERE

    return run


@blocks("sqlite3.execute", "sqlite3.Cursor.execute")
def method_of_class() -> Run:
    """Call a method that was taken earlier from a class written in C."""
    execute = sqlite3.Cursor.execute
    connection = sqlite3.connect(workdir() / "database")
    cleanup.callback(connection.close)
    cursor = connection.cursor()

    async def run() -> None:
        execute(cursor, "SELECT 1")  # HERE

    return run


@blocks("file.read", "io.FileIO.read")
def method_of_class_in_class() -> Run:
    """Call such a method through a class of the user's that has it as an attribute."""

    class Reading:
        read = io.FileIO.read

    file = cleanup.enter_context(io.FileIO(text_file()))

    async def run() -> None:
        Reading.read(file, 1)  # HERE

    return run


@blocks("time.sleep")
def partial() -> Run:
    """Call a partial."""
    nap = functools.partial(time.sleep, 0.001)

    async def run() -> None:
        nap()  # HERE

    return run


@blocks("time.sleep")
def default_argument() -> Run:
    """Call the default value of an argument."""

    def nap(sleep: Callable[[float], None] = time.sleep) -> None:
        sleep(0.001)  # HERE

    async def run() -> None:
        nap()

    return run


@blocks("time.sleep")
def map_of_builtin() -> Run:
    """Have ``map`` make the call."""

    async def run() -> None:
        list(map(time.sleep, [0.001]))  # HERE

    return run


@blocks("time.sleep")
def map_made_earlier() -> Run:
    """Have a ``map`` that was created earlier make the call."""
    naps = map(time.sleep, [0.001])

    async def run() -> None:
        next(naps)  # HERE

    return run


@blocks("os.path.getsize", "os.stat")
def key_of_sort() -> Run:
    """Have ``sorted`` make the call."""
    paths = [text_file(), text_file()]

    async def run() -> None:
        sorted(paths, key=os.path.getsize)  # HERE

    return run


@blocks("file.read", "io.TextIOWrapper.readline")
def iter_with_sentinel() -> Run:
    """Have ``iter`` make the call repeatedly."""
    file = cleanup.enter_context(text_file().open(encoding="utf-8"))
    lines = iter(file.readline, "")

    async def run() -> None:
        list(lines)  # HERE

    return run


@blocks("file.read", "io.TextIOWrapper.read")
def methodcaller() -> Run:
    """Have ``operator.methodcaller`` make the call."""
    file = cleanup.enter_context(text_file().open(encoding="utf-8"))
    read = operator.methodcaller("read")

    async def run() -> None:
        read(file)  # HERE

    return run


@blocks("time.sleep")
def reduce() -> Run:
    """Have ``functools.reduce`` make the call."""
    calls: list[Any] = [0.001, time.sleep]

    async def run() -> None:
        functools.reduce(lambda seconds, call: call(seconds), calls)  # HERE

    return run


@blocks("time.sleep")
def table_of_functions() -> Run:
    """Look the function up in a table."""
    commands = {"nap": time.sleep}

    async def run() -> None:
        commands["nap"](0.001)  # HERE

    return run


@blocks("time.sleep")
def class_attribute() -> Run:
    """Call a function that is a class attribute."""

    class Clock:
        nap: Any = time.sleep

    clock = Clock()

    async def run() -> None:
        clock.nap(0.001)  # HERE

    return run


@blocks("time.sleep")
def wrapped_by_cache() -> Run:
    """Call a function through ``functools.lru_cache``, which calls it from C."""
    nap = functools.lru_cache(time.sleep)

    async def run() -> None:
        nap(0.001)  # HERE

    return run


@blocks("time.sleep")
def getattr_by_name() -> Run:
    """Look the function up by its name."""
    name = min(["sleep", "time"])

    async def run() -> None:
        getattr(time, name)(0.001)  # HERE

    return run


@blocks("time.sleep")
def star_import() -> Run:
    """Call a function that a star import has bound."""
    names = dict(vars(time))

    async def run() -> None:
        names["sleep"](0.001)  # HERE

    return run


@blocks("os.stat")
def builtin_of_private_module() -> Run:
    """Call the function of the underlying C module."""
    posix: Any = import_module("posix")
    stat = posix.stat
    path = text_file()

    async def run() -> None:
        stat(path)  # HERE

    return run


@blocks("time.sleep")
def exec_of_source() -> Run:
    """Run source code that makes the call."""

    async def run() -> None:
        exec("import time\ntime.sleep(0.001)")  # HERE

    return run


@blocks("time.sleep")
def eval_of_compiled() -> Run:
    """Evaluate an expression that was compiled earlier."""
    code = compile("sleep(0.001)", "<expression>", "eval")
    names = {"sleep": time.sleep}

    async def run() -> None:
        eval(code, names)  # HERE

    return run


@blocks("time.sleep")
def getter() -> Run:
    """Read a property that sleeps."""

    class Slow:
        @property
        def value(self) -> int:
            time.sleep(0.001)  # HERE
            return 1

    slow = Slow()

    async def run() -> None:
        assert slow.value == 1

    return run


@blocks("os.stat")
def text_of_object() -> Run:
    """Format an object whose text depends on a file's size."""
    path = text_file()

    class Sized:
        def __str__(self) -> str:
            return str(os.stat(path).st_size)  # HERE

    sized = Sized()

    async def run() -> None:
        assert "14" == f"{sized}"

    return run


@blocks("time.sleep")
def context_manager() -> Run:
    """Enter a context manager that sleeps."""

    @contextmanager
    def slow() -> Iterator[None]:
        time.sleep(0.001)  # HERE
        yield

    async def run() -> None:
        with slow():
            pass

    return run


@blocks("time.sleep")
def leaving_context_manager() -> Run:
    """Leave a context manager that was entered earlier."""

    class Slow:
        def __enter__(self) -> None:
            pass

        def __exit__(self, *_: object) -> None:
            time.sleep(0.001)  # HERE

    slow = Slow()

    async def run() -> None:
        with slow:
            pass

    return run


@blocks("time.sleep")
def generator() -> Run:
    """Resume a generator that was started earlier."""

    def numbers() -> Iterator[int]:
        yield 1
        time.sleep(0.001)  # HERE
        yield 2

    started = numbers()
    next(started)

    async def run() -> None:
        next(started)

    return run


@blocks("time.sleep", loops=ASYNCIO, by_the_loop=True)
def call_soon() -> Run:
    """Have the loop itself make the call."""

    async def run() -> bool:
        asyncio.get_running_loop().call_soon(time.sleep, _NAP)  # HERE
        started = time.monotonic()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return time.monotonic() - started > _NAP / 2

    return run


@blocks("time.sleep", loops=ASYNCIO, by_the_loop=True)
def call_later() -> Run:
    """Have the loop itself make the call, later."""

    async def run() -> bool:
        asyncio.get_running_loop().call_later(0.001, time.sleep, 2 * _NAP)  # HERE
        started = time.monotonic()
        await asyncio.sleep(_NAP / 4)
        return time.monotonic() - started > _NAP

    return run


@blocks("time.sleep", loops=("trio",), by_the_loop=True)
def run_sync_soon() -> Run:
    """Have trio itself make the call."""
    trio = import_module("trio")

    async def run() -> bool:
        trio.lowlevel.current_trio_token().run_sync_soon(time.sleep, 2 * _NAP)  # HERE
        started = time.monotonic()
        await trio.sleep(_NAP / 4)
        return time.monotonic() - started > _NAP

    return run


@blocks("subprocess.run", "subprocess.Popen", "subprocess.Popen.__init__")
def function_imported_earlier() -> Run:
    """Call a Python function that was imported earlier."""
    from subprocess import run as run_command

    async def run() -> None:
        run_command(["true"], check=True)  # noqa: ASYNC221 # HERE

    return run


@blocks("subprocess.Popen", "subprocess.Popen.__init__")
def subclass() -> Run:
    """Create an instance of a subclass that was defined earlier."""
    from subprocess import Popen

    class Command(Popen[bytes]):
        pass

    async def run() -> None:
        cleanup.enter_context(Command(["true"]))  # HERE

    return run


@blocks("socket.create_connection", "socket.getaddrinfo", "socket.socket.connect")
def socket_function_imported_earlier() -> Run:
    """Connect with a function that was imported earlier."""
    from socket import create_connection

    from corpus.helpers import echo, serve

    port = serve(echo)

    async def run() -> None:
        cleanup.enter_context(create_connection(("127.0.0.1", port)))  # HERE

    return run


@blocks("file.open", "open", "io.open")
def open_kept_earlier() -> Run:
    """Open a file with a reference that was taken earlier."""
    path, keep = text_file(), open

    async def run() -> None:
        cleanup.callback(keep(path, encoding="utf-8").close)  # HERE

    return run


@blocks("time.sleep")
def run_in_context() -> Run:
    """Have ``Context.run`` make the call."""
    import contextvars

    context = contextvars.copy_context()

    async def run() -> None:
        context.run(time.sleep, 0.001)  # HERE

    return run


@blocks("time.sleep", needs=("greenlet",))
def greenlet_below_the_loop() -> Run:
    """Sleep in a greenlet below the loop's."""
    greenlet: Any = import_module("greenlet")

    def below() -> None:
        time.sleep(0.001)  # HERE

    async def run() -> None:
        greenlet.greenlet(below).switch()

    return run
