"""Calls that could block, and do not: free locks, polling, files in memory."""
# ruff: noqa: ASYNC222, ASYNC240, PLC0415, T201 - these calls only look as if they blocked

from __future__ import annotations

import asyncio
import codecs
import concurrent.futures
import contextlib
import csv
import io
import json
import logging
import os
import pickle
import queue
import select
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import uuid
import warnings
import zipfile
from importlib import import_module, reload
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from corpus.helpers import ready_anyio
from corpus.scenario import cleanup, safe, workdir

if TYPE_CHECKING:
    from types import FrameType

    from corpus.scenario import Run


# Threads


@safe()
def free_locks() -> Run:
    """Acquire free locks."""
    locks: list[Any] = [threading.Lock(), threading.RLock(), threading.Condition(), threading.Semaphore()]

    async def run() -> None:
        for lock in locks:
            with lock:
                pass
            assert lock.acquire(timeout=5)
            lock.release()

    return run


@safe()
def reentrant_lock() -> Run:
    """Acquire a lock that this thread already holds."""
    lock = threading.RLock()

    async def run() -> None:
        with lock, lock:
            pass

    return run


@safe()
def locks_without_waiting() -> Run:
    """Try to acquire locks that others hold, without waiting."""
    lock, semaphore = threading.Lock(), threading.Semaphore(0)
    lock.acquire()

    async def run() -> None:
        assert not lock.acquire(blocking=False)
        assert not lock.acquire(False)
        assert not lock.acquire(timeout=0)
        assert not semaphore.acquire(blocking=False)

    return run


@safe()
def what_is_ready() -> Run:
    """Wait for something that is already available."""
    event, done = threading.Event(), concurrent.futures.Future[int]()
    event.set()
    done.set_result(1)
    ended = threading.Thread(target=abs, args=(1,))
    ended.start()
    ended.join()

    async def run() -> None:
        assert event.wait()
        assert 1 == done.result()
        assert 1 == done.result(timeout=5)
        ended.join()
        concurrent.futures.wait([done])

    return run


@safe()
def queues_without_waiting() -> Run:
    """Use queues that have an item, and queues that have room."""
    items: queue.Queue[int] = queue.Queue(1)
    simple: queue.SimpleQueue[int] = queue.SimpleQueue()

    async def run() -> None:
        items.put(1)
        with contextlib.suppress(queue.Full):
            items.put_nowait(2)
        assert 1 == items.get()
        items.task_done()
        items.join()
        with contextlib.suppress(queue.Empty):
            items.get_nowait()
        simple.put(1)
        assert 1 == simple.get()
        with contextlib.suppress(queue.Empty):
            simple.get_nowait()

    return run


@safe()
def notify() -> Run:
    """Set an event and notify a condition, for which others wait."""
    event, condition = threading.Event(), threading.Condition()
    threads = [threading.Thread(target=event.wait), threading.Thread(target=_wait, args=(condition,))]
    for thread in threads:
        thread.start()
        cleanup.callback(thread.join)

    async def run() -> None:
        event.set()
        with condition:
            condition.notify_all()

    return run


def _wait(condition: threading.Condition) -> None:
    with condition:
        condition.wait(0.1)


@safe()
def pool_without_waiting() -> Run:
    """Submit to a pool, and shut it down without waiting."""
    pool = concurrent.futures.ThreadPoolExecutor(1)

    async def run() -> None:
        for _ in range(5):
            pool.submit(time.sleep, 0.001)
        pool.shutdown(wait=False)

    return run


# The operating system


@safe()
def select_without_waiting() -> Run:
    """Poll for readiness."""
    near, far = map(cleanup.enter_context, socket.socketpair())
    poll, epoll = select.poll(), cleanup.enter_context(select.epoll())
    selector = cleanup.enter_context(selectors.DefaultSelector())
    poll.register(near, select.POLLIN)
    epoll.register(near, select.EPOLLIN)
    selector.register(near, selectors.EVENT_READ)

    async def run() -> None:
        assert ([], [far], []) == select.select([near], [far], [], 0)
        assert [] == poll.poll(0)
        assert [] == epoll.poll(0)
        assert [] == selector.select(0)

    return run


@safe()
def sockets_that_do_not_block() -> Run:
    """Use sockets that do not block."""
    near, far = map(cleanup.enter_context, socket.socketpair())
    listener = cleanup.enter_context(socket.create_server(("127.0.0.1", 0)))
    client = cleanup.enter_context(socket.socket())
    for one in (near, far, listener, client):
        one.setblocking(False)

    async def run() -> None:
        with contextlib.suppress(BlockingIOError):
            near.recv(10)
        far.send(b"hello")
        assert b"hello" == near.recv(10)
        with contextlib.suppress(BlockingIOError):
            listener.accept()
        client.connect_ex(listener.getsockname())

    return run


@safe()
def sockets_made() -> Run:
    """Make sockets, bind them and close them."""

    async def run() -> None:
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("127.0.0.1", 0))
            one.listen()
            assert one.getsockname()[1]
        near, far = socket.socketpair()
        near.close()
        far.close()
        assert "7f000001" == socket.inet_aton("127.0.0.1").hex()

    return run


@safe()
def pipes_that_do_not_block() -> Run:
    """Read and write a pipe that does not block."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    cleanup.callback(os.close, reader)
    cleanup.callback(os.close, writer)

    async def run() -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(reader, 10)
        os.write(writer, b"hello")
        assert b"hello" == os.read(reader, 10)

    return run


@safe()
def children_without_waiting() -> Run:
    """Poll the state of a process."""
    process = subprocess.Popen(["sleep", "30"])
    cleanup.callback(process.wait)
    cleanup.callback(process.kill)

    async def run() -> None:
        process.poll()
        assert (0, 0) == os.waitpid(process.pid, os.WNOHANG)
        process.send_signal(signal.SIGCONT)

    return run


@safe()
def small_questions() -> Run:
    """Make system calls that never wait."""

    async def run() -> None:
        assert os.getpid()
        assert time.monotonic()
        assert 4 == uuid.uuid4().version
        assert "CORPUS" not in os.environ
        os.urandom(8)
        signal.getsignal(signal.SIGUSR1)
        os.strerror(2)

    return run


# Paths and memory


@safe()
def path_arithmetic() -> Run:
    """Compute with paths, without accessing files."""
    path = workdir() / "file.txt"

    async def run() -> None:
        assert str(path) == os.path.abspath(path)  # noqa: PTH100
        assert path == Path(os.path.join(path.parent, "file.txt"))  # noqa: PTH118
        assert ".txt" == PurePath(path).suffix
        assert PurePath("file.md") == path.with_suffix(".md").relative_to(path.parent)
        assert os.path.normpath(f"{path}/..") == str(path.parent)
        assert path.absolute() == path
        assert os.fspath(path)

    return run


@safe()
def files_in_memory() -> Run:
    """Use files that are in memory."""

    async def run() -> None:
        text = io.StringIO("a,b\nc,d\n")
        assert [["a", "b"], ["c", "d"]] == list(csv.reader(text))
        text.seek(0)
        assert ["a,b\n", "c,d\n"] == list(text)
        data = io.BytesIO()
        pickle.dump([1], data)
        data.seek(0)
        assert [1] == pickle.load(data)
        with zipfile.ZipFile(io.BytesIO(), "w") as archive:
            archive.writestr("member", b"content")

    return run


@safe()
def text_layer_over_memory() -> Run:
    """Read, write and flush a text file whose bytes are in memory."""

    async def run() -> None:
        file = io.TextIOWrapper(io.BufferedRandom(io.BytesIO(b"one\ntwo\n")), encoding="utf-8")  # type: ignore[arg-type]
        assert ["one\n", "two\n"] == list(file)
        file.write("three\n")
        file.flush()
        codecs.getreader("utf-8")(io.BytesIO(b"one\n")).read()
        json.load(io.StringIO("{}"))

    return run


@safe()
def printing_to_memory() -> Run:
    """Print and log to memory."""
    memory = io.StringIO()
    logger = logging.getLogger("corpus")
    logger.addHandler(logging.StreamHandler(memory))
    logger.propagate = False

    async def run() -> None:
        print("line", file=memory, flush=True)
        with contextlib.redirect_stdout(memory):
            print("line")
        logger.warning("line")
        assert "line\nline\nline\n" == memory.getvalue()

    return run


# Tools


@safe()
def imports() -> Run:
    """Import modules: of the standard library, of the user, and once more."""
    (workdir() / "corpus_user.py").write_text("VALUE = 1\n", encoding="utf-8")
    sys.path.insert(0, str(workdir()))
    colorsys = import_module("colorsys")

    async def run() -> None:
        import wave  # noqa: F401

        assert 1 == import_module("corpus_user").VALUE
        reload(colorsys)
        with contextlib.suppress(ImportError):
            import_module("corpus_of_nobody")

    return run


@safe()
def tracebacks() -> Run:
    """Format an error, which reads source files."""
    logger = logging.getLogger("corpus")
    logger.addHandler(logging.StreamHandler(io.StringIO()))
    logger.propagate = False

    async def run() -> None:
        try:
            json.loads("{")
        except ValueError:
            assert "run" in traceback.format_exc()
            logger.exception("it failed")
        assert "run" in "".join(traceback.format_stack())

    return run


@safe()
def warning() -> Run:
    """Emit a warning, which shows the source line."""
    memory = io.StringIO()

    async def run() -> None:
        with contextlib.redirect_stderr(memory):
            warnings.warn("old", DeprecationWarning, stacklevel=1)
            warnings.warn("odd", UserWarning, stacklevel=1)
        assert "odd" in memory.getvalue()

    return run


@safe(needs=("coverage",))
def coverage_measures() -> Run:
    """Measure coverage of a module that is imported on the loop."""
    (workdir() / "corpus_covered.py").write_text("def one():\n    return 1\n", encoding="utf-8")
    sys.path.insert(0, str(workdir()))
    coverage = import_module("coverage").Coverage(data_file=None)
    coverage.start()
    cleanup.callback(coverage.stop)

    async def run() -> None:
        assert 1 == import_module("corpus_covered").one()

    return run


@safe()
def debugger_looks() -> Run:
    """Stop in a debugger, which reads source files and takes commands."""
    import pdb  # noqa: T100

    commands, said = io.StringIO("list\nwhere\np value\ncontinue\n"), io.StringIO()
    debugger = pdb.Pdb(stdin=commands, stdout=said, nosigint=True, readrc=False)
    debugger.use_rawinput = False

    async def run() -> None:
        value = 42
        debugger.set_trace(sys._getframe())
        value += 1
        assert "42" in said.getvalue()

    return run


@safe()
def tracer_reads() -> Run:
    """Trace every line, and read its source, as tools do."""
    import linecache

    seen: list[str] = []

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename == __file__:
            seen.append(linecache.getline(__file__, frame.f_lineno))
        return trace

    def traced() -> int:
        return 1

    async def run() -> None:
        before = sys.gettrace()
        sys.settrace(trace)
        traced()
        sys.settrace(before)
        assert seen

    return run


@safe(needs=("pytest",))
def pytest_rewrites() -> Run:
    """Import a test module by pytest's hook, which reads, rewrites and caches it, and fail in it."""
    (workdir() / "test_corpus_rewritten.py").write_text("def test_one():\n    assert [1] == [2]\n", encoding="utf-8")
    sys.path.insert(0, str(workdir()))
    pytest: Any = import_module("pytest")
    rewrite: Any = import_module("_pytest.assertion.rewrite")
    config = import_module("_pytest.config").get_config()
    config.parse([str(workdir()), "-p", "no:cacheprovider"])
    hook = rewrite.AssertionRewritingHook(config)
    hook.mark_rewrite("test_corpus_rewritten")
    sys.meta_path.insert(0, hook)

    async def run() -> None:
        module = import_module("test_corpus_rewritten")
        with pytest.raises(AssertionError):
            module.test_one()

    return run


@safe(needs=("greenlet",))
def greenlet_beside_the_loop() -> Run:
    """Block in a greenlet beside a loop's, while the loop is parked, as with Playwright's sync API."""
    anyio, greenlet = ready_anyio(), import_module("greenlet")
    seen: list[Exception | None] = []

    def user() -> None:
        loop = asyncio.new_event_loop()
        fiber = greenlet.greenlet(loop.run_forever)
        loop.call_soon(greenlet.getcurrent().switch)
        fiber.switch()
        try:
            time.sleep(0.001)  # the loop is parked in a callback that switched here
        except Exception as error:  # noqa: BLE001 - an error of a guard
            seen.append(error)
        else:
            seen.append(None)
        loop.call_soon(loop.stop)
        fiber.switch()
        loop.close()

    async def run() -> None:
        threading.Thread(target=user).start()
        with anyio.fail_after(5):
            while not seen:
                await anyio.sleep(0.005)
        if seen[0] is not None:
            raise seen[0]

    return run


@safe(loops=("asyncio",))
def nothing_at_all() -> Run:
    """Do nothing, so that only the start and the end of a loop remain."""

    async def run() -> None:
        await asyncio.sleep(0)

    return run
