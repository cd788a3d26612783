"""Whatever fails inside the guard while a program makes a call, the program gets the result of its call."""

from __future__ import annotations

import asyncio
import fcntl
import importlib
import importlib.util
import json
import logging
import os
import queue
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _guarding import called_in_task

from ginger_async_safe import (
    BlockingCall,
    ConfigurationError,
    InternalErrorWarning,
    SynchronousOnlyOperation,
    allow_async_unsafe,
    async_unsafe,
    configure,
    decorators,
    detect,
    guard_blocking_calls,
    policy,
    watch_loops,
)
from ginger_async_safe._policy import grants
from ginger_async_safe.blocking import patches, targets
from ginger_async_safe.exceptions import AsyncUnsafeWarning
from ginger_async_safe.violation import Marking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

pytestmark = pytest.mark.usefixtures("failures_are_expected")


@async_unsafe
def here() -> str:
    """Be guarded."""
    return "it ran"


@async_unsafe
def pieces() -> Iterator[str]:
    """Be guarded, at each resumption."""
    yield "it ran"


class Stock:
    """A class with a guarded property."""

    @property
    @async_unsafe
    def count(self) -> str:
        """Be guarded, as a property."""
        return "it ran"


in_order = async_unsafe(sorted)


def broken(*_: object, **__: object) -> Any:
    """Fail in a way that no code expects."""
    msg = "nobody has\nthought of this"
    raise LookupError(msg)


class BrokenTask(asyncio.Task[Any]):
    """A task that does not return its coroutine."""

    def get_coro(self) -> Any:
        """Fail."""
        return broken()


def in_broken_task(call: Callable[[], Any]) -> Any:
    """Make a call in a task whose frames cannot be read."""

    async def main() -> Any:
        async def nested() -> Any:
            return call()

        return await BrokenTask(nested(), loop=asyncio.get_running_loop())

    return asyncio.run(main())


class Supervisor:
    """A supervisor, above the settings, that fails."""

    reports_to_user = True
    rule = allowed = noted = staticmethod(broken)


@contextmanager
def supervised() -> Iterator[None]:
    """Register a supervisor that fails."""
    supervisor = Supervisor()
    policy.supervisors.append(supervisor)
    try:
        yield
    finally:
        policy.supervisors.remove(supervisor)


def of_supervisor() -> Any:
    """Register a supervisor that fails in its decision."""
    with supervised():
        return called_in_task(here)


def of_supervisor_notified() -> Any:
    """Register a supervisor that fails when an allowed call is reported to it."""
    configure(allow=["*"])
    with supervised():
        return called_in_task(here)


def of_task() -> Any:
    """Make the record fail."""
    return in_broken_task(here)


def of_generator() -> Any:
    """Make the record of a resumption fail."""
    return in_broken_task(lambda: next(pieces()))


def of_property() -> Any:
    """Make the record of a property fail."""
    return in_broken_task(lambda: Stock().count)


def of_builtin() -> Any:
    """Make the record of a builtin fail."""
    return in_broken_task(lambda: "".join(in_order(["it ran"])))


def of_owner() -> Any:
    """Make a framework's own fixes fail."""
    return called_in_task(decorators.guarded(lambda: "it ran", marking=Marking(SynchronousOnlyOperation, broken)))


def of_question(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make detection fail."""
    monkeypatch.setattr(policy, "async_context", broken)
    return called_in_task(here)


def of_trio(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have trio fail that is asked whether it runs; no loop does."""
    asyncio_loops, trio_runs = detect.libraries
    monkeypatch.setattr(trio_runs, "may_run", broken)
    monkeypatch.setattr(detect, "probe", detect._probe_for([asyncio_loops, trio_runs]))
    return async_unsafe(lambda: "it ran")()


def of_grants(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the matching of grants fail."""
    monkeypatch.setattr(policy, "matching_grant", broken)
    return called_in_task(here)


def of_block(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the start and the end of a grant's block fail."""
    monkeypatch.setattr("ginger_async_safe._policy.grants.async_context", broken)
    with allow_async_unsafe():
        return here()


def of_watcher() -> Any:
    """Make counting what a grant has allowed fail."""
    grants.watchers.append(broken)
    try:
        with allow_async_unsafe():
            return here()
    finally:
        grants.watchers.remove(broken)


def of_decoration(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make adding the check to a function's code fail; a wrapper does it then, which the error shows."""
    monkeypatch.setattr(decorators, "with_check", broken)
    guarded = async_unsafe(lambda: "it ran")
    with pytest.raises(SynchronousOnlyOperation):
        called_in_task(guarded)
    return guarded()


def of_wrapper(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make creating the wrapper fail; an object does the check then, which the error shows."""
    monkeypatch.setattr(decorators, "with_check", lambda *_: None)
    monkeypatch.setattr(decorators, "wrapper_of", broken)
    guarded = async_unsafe(lambda: "it ran")
    with pytest.raises(SynchronousOnlyOperation):
        called_in_task(guarded)
    return guarded()


def of_rule(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make putting a rule in force fail."""
    monkeypatch.setattr(patches, "is_raised_here", broken)
    with guard_blocking_calls(without=every_rule_but("subprocess.getoutput")):
        return called_in_task(lambda: "it ran")


class Late:
    """Finds a module, and loads it."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Find one module."""
        return ModuleSpec(name, self) if name == "late_shop" else None  # type: ignore[arg-type]

    def create_module(self, _: ModuleSpec) -> None:
        """Have Python create it."""

    def exec_module(self, module: ModuleType) -> None:
        """Fill it."""
        vars(module)["fetch"] = lambda: "it ran"


def used_late(finder: Any, rule: str = "late_shop.fetch") -> Any:
    """Import a module that a rule is waiting for, and call it."""
    sys.meta_path.append(finder)
    try:
        with guard_blocking_calls(add=[BlockingCall(rule)]):
            return importlib.import_module("late_shop").fetch()
    finally:
        sys.meta_path.remove(finder)
        sys.modules.pop("late_shop", None)


def of_loader() -> Any:
    """Make replacing a loader fail."""

    class Fixed(Late):
        __setattr__ = broken

    return used_late(Fixed())


def of_loader_left() -> Any:
    """Make restoring a loader fail."""

    class Sticky(Late):
        __delattr__ = broken

    return used_late(Sticky())


def of_late_rule(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the rules of a module fail that was just imported."""
    monkeypatch.setattr("ginger_async_safe.blocking.in_force._InForce._warn_of_missing_targets", late_and(broken))
    return used_late(Late())


def late_and(fail: Callable[..., object]) -> Callable[..., None]:
    """Return what fails once the module is imported."""

    def failing(*_: object) -> None:
        if "late_shop" in sys.modules:
            fail()

    return failing


def of_names(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the lookup of a rule's target fail."""

    def resolve(target: str, provided: Any = None) -> Any:
        return broken() if target == "subprocess.getoutput" else targets.resolve(target, provided)

    monkeypatch.setattr("ginger_async_safe.blocking.in_force.resolve", resolve)
    with guard_blocking_calls(without=every_rule_but("subprocess.getoutput")):
        return "it ran"


def of_watch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the watch fail to notice a loop that starts."""
    monkeypatch.setattr("ginger_async_safe.monitor.running.RunningLoop", broken)
    with watch_loops():
        return called_in_task(lambda: "it ran")


def of_ping(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the watch fail in what a loop calls for it."""
    failed = threading.Event()

    def fail() -> None:
        failed.set()
        broken()

    monkeypatch.setattr("ginger_async_safe.monitor.loop_probe.current_greenlet", fail)

    async def main() -> str:
        deadline = time.monotonic() + 30
        while not failed.is_set() and time.monotonic() < deadline:
            turn = (
                time.monotonic() + 2 * sys.getswitchinterval()
            )  # the watch then finds the loop running, and not in select()
            while time.monotonic() < turn:
                pass
            await asyncio.sleep(0)
        return "it ran"

    with watch_loops(0.01):
        return asyncio.run(main())


def of_sketch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the watch fail to describe where a loop is blocked."""
    failed = threading.Event()

    def fail(*_: object) -> None:
        failed.set()
        broken()

    monkeypatch.setattr("ginger_async_safe.monitor.loop_probe.describe", fail)

    async def main() -> str:
        await asyncio.sleep(0)
        failed.wait(30)  # the loop is blocked
        return "it ran"

    with watch_loops(0.01) as watch:
        result = asyncio.run(main())
        assert watch.blocked == ()
    return result


def of_cells_name(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make IPython fail when the text of an error needs the name of a cell."""
    monkeypatch.setattr("ginger_async_safe._violation.places.cell_name", broken)
    with pytest.raises(SynchronousOnlyOperation, match=r"_guarding\.py:"):
        called_in_task(here)
    return "it ran"


def of_watchs_thread(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the watch fail in its own thread."""
    monkeypatch.setattr("ginger_async_safe.monitor.watch.LockWait", broken)

    async def main() -> str:
        await asyncio.sleep(0)
        return "it ran"

    with watch_loops() as watch:
        result = asyncio.run(main())
        assert watch._thread is not None
        watch._thread.join(30)
    return result


def every_rule_but(*kept: str) -> list[str]:
    """Return the ids of all other rules."""
    from ginger_async_safe.blocking.rules import RULES  # noqa: PLC0415 - as the subject of the test

    return sorted({rule.id for rule in RULES} - set(kept))


PLACES = [
    (of_supervisor, "the supervisor test_failures.Supervisor"),
    (of_supervisor_notified, "the supervisor test_failures.Supervisor"),
    (of_task, "the guard of test_failures.here"),
    (of_generator, "the guard of test_failures.pieces"),
    (of_property, "the guard of test_failures.Stock.count"),
    (of_builtin, "the guard of builtins.sorted"),
    (of_owner, "the guard of test_failures.of_owner.<locals>.<lambda>"),
    (of_question, "the guard of test_failures.here"),
    (of_trio, "the check whether trio runs"),
    (of_grants, "the guard of test_failures.here"),
    (of_block, "looking for the block of allow_async_unsafe"),
    (of_watcher, "counting what a grant has allowed"),
    (of_decoration, "putting the check into the code of test_failures.of_decoration.<locals>.<lambda>"),
    (of_wrapper, "making a wrapper of test_failures.of_wrapper.<locals>.<lambda>"),
    (of_rule, "putting the rule 'subprocess.getoutput' in force"),
    (of_loader, "waiting for the module 'late_shop'"),
    (of_loader_left, "restoring a loader"),
    (of_late_rule, "applying the rules for the module 'late_shop'"),
    (of_names, "finding the target of the rule 'subprocess.getoutput'"),
    (of_watch, "noticing an event loop to watch"),
    (of_ping, "finding the greenlet of a watched loop"),
    (of_sketch, "describing where a loop is blocked"),
    (of_cells_name, "asking IPython how it names a cell"),
    (of_watchs_thread, "the watch of event loops"),
]


@pytest.mark.parametrize("filters", ["always", "error"])
@pytest.mark.parametrize(("use", "place"), PLACES)
def test_place(
    use: Callable[..., Any],
    place: str,
    filters: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The program gets its result, and the failure is reported once: in the log with the traceback, and as a warning."""
    takes_patch = bool(use.__code__.co_argcount)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(filters)
        result = use(*([monkeypatch] if takes_patch else []))
    assert result == "it ran"
    said = [record for record in caplog.records if record.exc_info]
    assert [f"{place} failed (LookupError: nobody has thought of this)"] == [
        record.getMessage().partition(", and ")[0] for record in said
    ]
    assert [record.getMessage() for record in said if filters == "always"] == [str(each.message) for each in caught]
    assert all(each.category is InternalErrorWarning for each in caught)
    assert all(each.filename == __file__ for each in caught), "it points to what failed"


def test_warning_in_an_import(caplog: pytest.LogCaptureFixture) -> None:
    """If warnings are errors, a rule whose target is missing is logged, and the import continues."""
    finder: Any = Late()
    sys.meta_path.append(finder)
    try:
        with warnings.catch_warnings(), guard_blocking_calls(add=[BlockingCall("late_shop.gone")]):
            warnings.simplefilter("error")
            spec = importlib.util.find_spec("late_shop")
            assert spec is not None
            assert spec.loader is not None
            module = sys.modules["late_shop"] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            assert module.fetch() == "it ran"
    finally:
        sys.meta_path.remove(finder)
        sys.modules.pop("late_shop", None)
    assert [record.getMessage() for record in caplog.records] == [
        "the rule 'late_shop.gone' is skipped: late_shop has no gone (any more)"
    ]


def test_once(caplog: pytest.LogCaptureFixture) -> None:
    """A place that fails again is not reported again."""
    for _ in range(3):
        assert of_task() == "it ran"
    assert len([record for record in caplog.records if record.exc_info]) == 1


@pytest.mark.parametrize("filters", ["always", "error"])
def test_handler_of_logs(filters: Any) -> None:
    """If a log handler of the program fails, only the warning reports it, unless warnings are errors."""
    configure(policy="log")
    handler = logging.Handler()
    handler.emit = broken  # type: ignore[method-assign]
    policy.logger.addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter(filters)
            assert called_in_task(here) == "it ran"
    finally:
        policy.logger.removeHandler(handler)
    assert (filters == "always") == len(caught)


@pytest.mark.skipif(sys.platform == "win32", reason="it has no timers that send signals")
def test_time_limit(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """An error of a signal handler while the guard runs, such as a time limit, is the program's, and no failure."""

    def late(*_: object) -> None:
        raise TimeoutError

    def failing() -> None:
        signal.raise_signal(signal.SIGALRM)

    monkeypatch.setattr(policy, "async_context", failing)
    before = signal.signal(signal.SIGALRM, late)
    try:
        with pytest.raises(TimeoutError):
            called_in_task(here)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not caplog.records


@pytest.mark.parametrize("error", [RecursionError, MemoryError])
def test_of_the_program(
    error: type[Exception], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the program has no stack or memory left, that is no failure of the guard: the call itself will notice."""

    def exhausted() -> None:
        raise error

    monkeypatch.setattr(policy, "async_context", exhausted)
    assert called_in_task(here) == "it ran"
    assert not caplog.records


def test_deep_recursion() -> None:
    """A program that recurses too deeply gets its own RecursionError, guarded or not."""
    depth = 0

    @async_unsafe
    def deeper() -> None:
        nonlocal depth
        depth += 1
        deeper()

    configure(policy="ignore")
    with pytest.raises(RecursionError):
        called_in_task(deeper)
    assert depth > 100


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_end_of_the_program(end: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ending the program while the guard decides does end it."""

    def ended() -> None:
        raise end

    monkeypatch.setattr(policy, "async_context", ended)
    with pytest.raises(end):
        called_in_task(here)


class TestDecisions:
    """Errors that are decisions of the guard, not failures, are raised as before."""

    def test_warning_that_is_an_error(self) -> None:
        """The policy warn raises its warning if the program's filters make it an error."""
        configure(policy="warn")
        with pytest.raises(AsyncUnsafeWarning):  # as everywhere in this suite
            called_in_task(here)

    def test_bad_setting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An invalid environment is the cause of the error."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "policy=perhaps")
        with pytest.raises(SynchronousOnlyOperation) as stopped:
            called_in_task(here)
        assert isinstance(stopped.value.__cause__, ConfigurationError)

    def test_policy_that_fails(self) -> None:
        """The error of a callable policy is the cause of the error."""
        configure(policy=broken)
        with pytest.raises(SynchronousOnlyOperation) as stopped:
            called_in_task(here)
        assert isinstance(stopped.value.__cause__, LookupError)

    def test_policy_that_raises(self) -> None:
        """If a callable policy raises the violation's error, that is raised unchanged."""
        mine: list[SynchronousOnlyOperation] = []

        def decide(violation: Any) -> None:
            mine.append(SynchronousOnlyOperation("mine", violation))
            raise mine[0]

        configure(policy=decide)
        with pytest.raises(SynchronousOnlyOperation) as stopped:
            called_in_task(here)
        assert mine == [stopped.value]


# -- Rules.


def slept() -> str:
    """Sleep; if Python raises an audit event for it, that evaluates the rule."""
    time.sleep(0.001)
    return "it ran"


def received() -> str:
    """Receive, which has a wrapper of its own."""
    left, right = socket.socketpair()
    with left, right:
        right.send(b"it ran")
        return left.recv(10).decode()


def taken() -> str:
    """Wait for a lock, which has a wrapper of its own."""
    lock = threading.Lock()
    lock.acquire()
    timer = threading.Timer(0.01, lock.release)
    timer.start()
    with lock:
        timer.join()
        return "it ran"


def opened() -> str:
    """Open a file, which has an audit event."""
    with Path(os.devnull).open():
        return "it ran"


def written() -> str:
    """Write a file and close it, which has a wrapper of its own."""
    with tempfile.TemporaryFile() as file:
        file.write(b"much")
    return "it ran"


def ran() -> str:
    """Run a program, which is a function with the check in its code."""
    return subprocess.run(
        [sys.executable, "-c", "print('it ran')"], check=True, capture_output=True, text=True
    ).stdout.strip()


def polled() -> str:
    """Poll, which has a wrapper of its own."""
    import select  # noqa: PLC0415 - not available everywhere

    with select.epoll() as poll:
        poll.poll(0.001)
    return "it ran"


@pytest.mark.parametrize("call", [slept, received, taken, opened, written, ran, polled], ids=lambda each: each.__name__)
@pytest.mark.parametrize("part", ["condition", "frames"])
def test_rule(
    call: Callable[[], str], part: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule that fails allows its call, however it is applied, and is reported by name; no other call is reported."""
    from ginger_async_safe.blocking import evaluation  # noqa: PLC0415 - the subject of the test

    if call is polled and not hasattr(__import__("select"), "epoll"):
        pytest.skip("this system has no epoll")
    with guard_blocking_calls() as guard:
        if part == "frames":
            monkeypatch.setattr(evaluation, "_is_exempt", broken)
        else:
            for rule in guard.rules:
                monkeypatch.setitem(rule.__dict__, "blocks", broken)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert called_in_task(call) == "it ran"
        monkeypatch.undo()
    messages = [str(each.message) for each in caught]
    assert messages == [record.getMessage() for record in caplog.records]
    assert messages
    assert all(each.startswith("the rule '") and "report this" in each for each in messages)
    assert len(messages) == len({each.partition(" failed")[0] for each in messages}), "each rule is reported once"


def test_condition_of_the_user(caplog: pytest.LogCaptureFixture) -> None:
    """If the condition of a program's own rule fails, that is reported in the same way."""
    rule = BlockingCall("textwrap.dedent", blocks=broken)
    import textwrap  # noqa: PLC0415 - the subject of the rule

    with guard_blocking_calls(add=[rule]):
        assert called_in_task(lambda: textwrap.dedent("  it ran")) == "it ran"
    (record,) = caplog.records
    assert record.getMessage().startswith("the rule 'textwrap.dedent' failed (LookupError")


def closed_database() -> None:
    """Query a closed connection."""
    connection = sqlite3.connect(":memory:")
    connection.close()
    connection.execute("SELECT 1")


class TestConditions:
    """Conditions are right whatever the internal names of the standard library in this version of Python."""

    def test_pool_at_work(self) -> None:
        """The end of a pool's block is stopped while a job of it runs."""
        began, may_end = threading.Event(), threading.Event()

        def job() -> None:
            began.set()
            may_end.wait()

        async def main() -> None:
            pool = ThreadPoolExecutor()
            pool.submit(job)
            await asyncio.to_thread(began.wait)
            with pytest.raises(SynchronousOnlyOperation):
                pool.shutdown()
            may_end.set()

        with guard_blocking_calls():
            asyncio.run(main())

    @pytest.mark.parametrize("job", [lambda: None, broken], ids=["done", "failed"])
    def test_pool_at_rest(self, job: Callable[[], object]) -> None:
        """It is allowed when its jobs are done, or have failed."""

        async def main() -> None:
            with ThreadPoolExecutor() as pool:
                await asyncio.wait([asyncio.get_running_loop().run_in_executor(pool, job)])

        async def silent() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda *_: None)
            await main()

        with guard_blocking_calls():
            asyncio.run(silent())

    @pytest.mark.skipif(sys.version_info < (3, 13), reason="queues are shut down since Python 3.13")
    def test_queue_that_is_shut_down(self) -> None:
        """A queue that is shut down does not wait."""
        items: Any = queue.Queue()
        items.shutdown()
        with guard_blocking_calls(), pytest.raises(queue.ShutDown):  # type: ignore[attr-defined]
            called_in_task(items.get)

    @pytest.mark.parametrize(
        ("wrong", "error"),
        [
            (lambda: os.read(10**6, 1), OSError),
            (lambda: os.read("x", 1), TypeError),  # type: ignore[arg-type]
            (lambda: os.write(-1, b""), OSError),
            (lambda: threading.Thread.join(object.__new__(threading.Thread)), (RuntimeError, AttributeError)),
            (lambda: os.waitpid(0, "x"), TypeError),  # type: ignore[arg-type]
            (lambda: os.write(1, "x"), TypeError),  # type: ignore[arg-type]
            (lambda: os.splice(10**6, 10**6, 1), OSError),  # type: ignore[attr-defined, unused-ignore]
            (lambda: os.eventfd_read(10**6), OSError),  # type: ignore[attr-defined, unused-ignore]
            (lambda: fcntl.flock(10**6, fcntl.LOCK_EX | fcntl.LOCK_NB), OSError),
            (lambda: socket.getaddrinfo(7, 80), TypeError),  # type: ignore[arg-type]
            (lambda: signal.sigwait([[]]), TypeError),  # type: ignore[list-item]
            (lambda: subprocess.Popen.wait(object.__new__(subprocess.Popen)), AttributeError),
            (lambda: sqlite3.Cursor.__new__(sqlite3.Cursor).execute(""), sqlite3.ProgrammingError),
            (closed_database, sqlite3.ProgrammingError),
        ],
    )
    def test_wrong_call(self, wrong: Callable[[], object], error: Any, caplog: pytest.LogCaptureFixture) -> None:
        """An invalid call raises its own error, and no rule is reported as failed."""
        with guard_blocking_calls(), pytest.raises(error):
            called_in_task(wrong)
        assert not caplog.records


def test_pool_in_a_program(tmp_path: Path) -> None:
    """Under the policy ignore, with warnings as errors, the end of a pool's block does not affect a program."""
    program = tmp_path / "program.py"
    program.write_text(
        "import asyncio, time\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "async def main():\n"
        "    with ThreadPoolExecutor() as pool:\n"
        "        pool.submit(time.sleep, 0.3)\n"
        "    print('it ran')\n"
        "asyncio.run(main())\n",
        encoding="utf-8",
    )
    report = tmp_path / "report.json"
    command = [sys.executable, "-W", "error", "-m", "ginger_async_safe", "run", "--report", str(report), str(program)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (0, "it ran\n") == (ended.returncode, ended.stdout), ended.stderr
    assert "concurrent.futures.ThreadPoolExecutor.shutdown" in json.dumps(
        json.loads(report.read_text(encoding="utf-8"))
    )
