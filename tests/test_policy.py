"""What a violation does, and which listeners are called."""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from _effects import blocking, explained, guarded, is_stopped
from _guarding import called_in_task, listening, refusal_of
from _running import TIMEOUT, in_new_process

from ginger_async_safe import (
    AsyncUnsafeWarning,
    ConfigurationError,
    ConfigurationWarning,
    SynchronousOnlyOperation,
    add_listener,
    allow_async_unsafe,
    configure,
    explain,
    remove_listener,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from _running import OnLoop

    from ginger_async_safe import Violation

POLICIES = ("raise", "warn", "log", "ignore")


def here() -> str:
    """Make a guarded call, always at this one line."""
    return blocking()


HERE = f"{__file__}:{here.__code__.co_firstlineno + 2} in here"
FIX = "await sync_to_async(here)(...)"
SUMMARY = f"_effects.blocking was called in an async context at {HERE}; fix: {FIX}"


def outcome(caplog: pytest.LogCaptureFixture) -> str:
    """Make a guarded call in a task, and return the policy that was applied."""
    caplog.clear()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            called_in_task(here)
        except SynchronousOnlyOperation:
            return "raise"
    outcomes = {**dict.fromkeys(("warn",) * len(caught)), **dict.fromkeys(("log",) * len(caplog.records))}
    return "+".join(outcomes) or "ignore"


def breaking(error: BaseException) -> Callable[[object], None]:
    """Return a listener or policy that raises an error."""

    def raise_it(violation: object) -> None:
        raise error

    return raise_it


@pytest.fixture
def listen() -> Iterator[Callable[[Callable[[Violation], object]], None]]:
    """Add listeners for the duration of a test."""
    added: list[Callable[[Violation], object]] = []

    def add(listener: Callable[[Violation], object]) -> None:
        add_listener(listener)
        added.append(listener)

    yield add
    for each in added:
        remove_listener(each)


class TestNames:
    """Policies with names."""

    def test_default(self, on_loop: OnLoop) -> None:
        """By default a violation is raised, and the call does not run."""
        with listening() as heard, pytest.raises(SynchronousOnlyOperation) as caught:
            on_loop(self.call)
        assert [caught.value.violation] == heard
        assert caught.value.__cause__ is None

    @staticmethod
    async def call() -> str:
        """Make a guarded call."""
        return here()

    @pytest.mark.parametrize("policy", POLICIES)
    def test_each(self, policy: Any, caplog: pytest.LogCaptureFixture) -> None:
        """Each does what its name says, and nothing else."""
        configure(policy=policy)
        assert policy == outcome(caplog)

    @pytest.mark.parametrize("policy", ["log", "ignore"])
    def test_call_runs(self, policy: Any, on_loop: OnLoop) -> None:
        """All but raise allow the call, and its result is returned."""
        configure(policy=policy)
        assert on_loop(self.call) == "it ran"

    def test_warn(self, on_loop: OnLoop) -> None:
        """A warning says in one line which call, where, and the fix; it refers to the user's line."""
        configure(policy="warn")
        with pytest.warns(AsyncUnsafeWarning) as caught:
            assert on_loop(self.call) == "it ran"
        (warning,) = caught
        fix = "await trio.to_thread.run_sync(here, ...)" if "trio" in str(warning.message) else FIX
        assert SUMMARY.replace(FIX, fix) == str(warning.message)
        assert f"{warning.filename}:{warning.lineno} in here" == HERE

    def test_log(self, caplog: pytest.LogCaptureFixture) -> None:
        """A log record says the same, as a warning of the library's logger, and contains the record."""
        configure(policy="log")
        with listening() as heard:
            called_in_task(here)
        (record,) = caplog.records
        assert ("ginger_async_safe", logging.WARNING, SUMMARY) == (record.name, record.levelno, record.getMessage())
        assert heard == [record.violation]  # type: ignore[attr-defined]

    def test_callback(self, on_asyncio_loop: OnLoop, caplog: pytest.LogCaptureFixture) -> None:
        """A call that the loop itself made is reported without a line."""
        configure(policy="log")

        async def main() -> None:
            asyncio.get_running_loop().call_soon(blocking)
            await asyncio.sleep(0)

        on_asyncio_loop(main)
        fix = "loop.run_in_executor(None, blocking, ...)"
        assert [SUMMARY.replace(HERE, "the event loop itself").replace(FIX, fix)] == caplog.messages

    def test_warning_of_a_callback(self, on_asyncio_loop: OnLoop) -> None:
        """Its warning has no line, either."""
        configure(policy="warn")

        async def main() -> None:
            asyncio.get_running_loop().call_soon(blocking)
            await asyncio.sleep(0)

        with pytest.warns(AsyncUnsafeWarning, match="at the event loop itself") as caught:
            on_asyncio_loop(main)
        assert [("<event loop>", 0)] == [(each.filename, each.lineno) for each in caught]


class TestCallable:
    """A policy that is a callable."""

    @pytest.mark.parametrize("policy", POLICIES)
    def test_name(self, policy: Any, caplog: pytest.LogCaptureFixture) -> None:
        """The policy that it returns is applied."""
        configure(policy=lambda violation: policy)
        assert policy == outcome(caplog)

    def test_none(self, caplog: pytest.LogCaptureFixture) -> None:
        """``None`` allows the call."""
        configure(policy=lambda violation: None)
        assert outcome(caplog) == "ignore"

    def test_argument(self) -> None:
        """Its argument is the record, on which it can base its decision."""
        calls = [guarded("shop.db.connect"), guarded("bank.pay")]
        configure(policy=lambda violation: "ignore" if violation.call.startswith("shop.") else "raise")
        assert [False, True] == called_in_task(lambda: [is_stopped(each) for each in calls])

    def test_object(self, caplog: pytest.LogCaptureFixture) -> None:
        """Any callable object is accepted."""

        class Policy:
            def __call__(self, violation: Violation) -> Any:
                return "log"

        configure(policy=Policy())
        assert outcome(caplog) == "log"

    @pytest.mark.parametrize("rubbish", ["RAISE", "", True, False, 0, object, b"raise", ["raise"]], ids=repr)
    def test_invalid_result(self, rubbish: Any) -> None:
        """Any other result stops the call; the cause shows the result, and what is accepted."""

        def policy(violation: Violation) -> Any:
            return rubbish

        configure(policy=policy)
        error = refusal_of(here)
        assert isinstance(error.__cause__, ConfigurationError)
        assert (
            f"the policy {policy!r} returned {rubbish!r}; "
            "return one of raise, warn, log, ignore, or None to allow the call"
        ) == str(error.__cause__)

    @pytest.mark.parametrize("method", ["__eq__", "__repr__"])
    def test_hostile_result(self, method: str) -> None:
        """A result whose attributes cannot even be read stops the call like any other."""
        error = ZeroDivisionError(method)
        rubbish = type("Hostile", (), {method: lambda *_: breaking(error)(None), "__hash__": None})()
        configure(policy=lambda violation: rubbish)
        assert error is refusal_of(here).__cause__

    def test_error(self) -> None:
        """If it raises an error, the call is stopped, and that error is the cause."""
        error = KeyError("mine")
        configure(policy=breaking(error))
        stopped = refusal_of(here)
        assert error is stopped.__cause__
        assert stopped.violation is not None
        assert stopped.violation.call == "_effects.blocking"

    def test_raises_the_violation(self) -> None:
        """If it raises SynchronousOnlyOperation, that is its decision, and its error is the one that is raised."""
        mine = SynchronousOnlyOperation("not on my loop")
        configure(policy=breaking(mine))
        assert mine is refusal_of(here)

    def test_raises_the_violation_with_its_record(self) -> None:
        """The same is true if it raises it with the record that it was given."""

        def policy(violation: Violation) -> None:
            raise SynchronousOnlyOperation("not on my loop", violation)

        configure(policy=policy)
        assert str(refusal_of(here)).startswith("not on my loop\n  call      _effects.blocking\n")

    def test_makes_guarded_calls(self) -> None:
        """If it makes guarded calls itself, it is not called for these: they are stopped, and are the cause."""

        def policy(violation: Violation) -> Any:
            seen.append(violation.call)
            assert is_stopped(guarded("bank.pay"))
            guarded("shop.db.connect")()

        seen: list[str] = []
        configure(policy=policy)
        error = refusal_of(here)
        assert ["_effects.blocking"] == seen
        assert isinstance(error.__cause__, SynchronousOnlyOperation)
        assert error.__cause__.violation is not None
        assert (error.message, error.__cause__.violation.call) == (error.__cause__.message, "shop.db.connect")

    def test_not_called_for_allowed_calls(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is not called for calls that are allowed, nor outside of loops."""
        configure(policy=breaking(AssertionError()), allow="shop.*")

        def calls() -> None:
            guarded("shop.db.connect")()
            with allow_async_unsafe():
                here()
            monkeypatch.setenv("GINGER_ALLOW_ASYNC_UNSAFE", "1")
            here()

        here()
        called_in_task(calls)

    def test_interrupt(self) -> None:
        """An interrupt propagates: it is no failure of the policy."""
        configure(policy=breaking(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            called_in_task(here)


class TestRepeats:
    """``warn`` and ``log`` report one call site once, then count."""

    @staticmethod
    def repeat(times: int) -> None:
        """Make the same guarded call repeatedly, on one loop."""

        async def calls() -> None:
            for _ in range(times):
                here()

        asyncio.run(calls())

    def test_log(self, caplog: pytest.LogCaptureFixture) -> None:
        """10,000 repeats are one line and a number."""
        configure(policy="log")
        self.repeat(10_000)
        assert [SUMMARY] == caplog.messages
        assert [f"_effects.blocking at {HERE}   10000 times"] == explained()["violation reported"]

    def test_warn(self) -> None:
        """The same is true for warnings, whatever the filter."""
        configure(policy="warn")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.repeat(10_000)
        assert [SUMMARY] == [str(each.message) for each in caught]
        assert [f"_effects.blocking at {HERE}   10000 times"] == explained()["violation reported"]

    def test_two_lines(self, caplog: pytest.LogCaptureFixture) -> None:
        """Two lines of code are two sites."""
        configure(policy="log")

        def calls() -> None:
            for _ in range(3):
                blocking()
                blocking()

        called_in_task(calls)
        first = calls.__code__.co_firstlineno + 2
        assert [
            f"_effects.blocking at {__file__}:{line} in {self.name(calls)}   3 times" for line in (first, first + 1)
        ] == explained()["violation reported"]
        assert len(caplog.messages) == 2

    @staticmethod
    def name(function: Callable[..., object]) -> str:
        """Return a local function's name as in a report."""
        return function.__qualname__.rpartition("<locals>.")[2]

    def test_two_calls_in_one_line(self, caplog: pytest.LogCaptureFixture) -> None:
        """Two guarded calls in one line are two sites."""
        configure(policy="log")
        both = [guarded("shop.db.connect"), guarded("bank.pay")]
        called_in_task(lambda: [each() for each in both * 3])
        assert ["shop.db.connect", "bank.pay"] == [each.split()[0] for each in caplog.messages]

    def test_other_loops_and_tasks(self, caplog: pytest.LogCaptureFixture) -> None:
        """One line is one site, whichever task or loop runs it."""
        configure(policy="log")

        async def task() -> None:
            here()

        async def main() -> None:
            await asyncio.gather(task(), task())

        asyncio.run(main())
        asyncio.run(main())
        assert len(caplog.messages) == 1

    def test_change_of_directory(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
    ) -> None:
        """One line is one site, whatever the working directory."""
        configure(policy="log")
        called_in_task(here)
        monkeypatch.chdir(request.path.parent)
        called_in_task(here)
        assert len(caplog.messages) == 1
        assert [f"_effects.blocking at {HERE.rpartition('/')[2]}   2 times"] == explained()["violation reported"]

    def test_many_threads(self, caplog: pytest.LogCaptureFixture) -> None:
        """If loops in 32 threads run one line at once, it is one site, and every call is counted."""
        configure(policy="log")
        barrier = threading.Barrier(32, timeout=TIMEOUT)

        def calls() -> None:
            barrier.wait()
            for _ in range(50):
                here()

        with ThreadPoolExecutor(32) as pool:
            for each in [pool.submit(called_in_task, calls) for _ in range(32)]:
                each.result(TIMEOUT)
        assert len(caplog.messages) == 1
        assert [f"_effects.blocking at {HERE}   1600 times"] == explained()["violation reported"]

    def test_other_policies_count_nothing(self, listen: Callable[..., None]) -> None:
        """``ignore`` reports nothing, nor does ``raise`` where it is not logged; listeners are called each time."""
        heard: list[Violation] = []
        listen(heard.append)
        configure(log_raised=False)
        for policy in ("raise", "ignore"):
            configure(policy=policy)
            called_in_task(lambda: [is_stopped(here) for _ in range(3)])
        assert (6, False) == (len(heard), "violation reported" in explained())

    def test_listeners_hear_each(self, listen: Callable[..., None], caplog: pytest.LogCaptureFixture) -> None:
        """If ``log`` only counts, listeners are called each time."""
        configure(policy="log")
        heard: list[Violation] = []
        listen(heard.append)
        self.repeat(10)
        assert (10, 1) == (len(heard), len(caplog.messages))

    def test_warnings_as_errors(self) -> None:
        """If warnings are errors, ``warn`` stops each call, and each counts as the first."""
        configure(policy="warn")
        for _ in range(3):
            with pytest.raises(AsyncUnsafeWarning, match=r"^_effects\.blocking was called in an async context at "):
                called_in_task(here)
        assert "violation reported" not in explained()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            called_in_task(here)
        assert [SUMMARY] == [str(each.message) for each in caught]

    def test_handler_that_makes_guarded_calls(self, caplog: pytest.LogCaptureFixture) -> None:
        """A log handler that makes a guarded call itself is reported, too, without endless recursion."""
        configure(policy="log")

        class Handler(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                guarded("bank.pay")()

        handler = Handler()
        logger = logging.getLogger("ginger_async_safe")
        logger.addHandler(handler)
        try:
            self.repeat(2)
        finally:
            logger.removeHandler(handler)
        assert ["_effects.blocking", "bank.pay"] == sorted(each.split()[0] for each in caplog.messages)

    def test_at_exit(self) -> None:
        """When the program ends, one line for each site says how often it occurred; there is none for a single violation."""
        assert [
            "shop.db.connect was called in an async context at <string>:12 in calls; fix: await sync_to_async(calls)(...)",
            "bank.pay was called in an async context at <string>:13 in calls; fix: await sync_to_async(calls)(...)",
            "shop.db.connect was called 10000 times at <string>:12 in calls, reported once",
        ] == in_new_process(
            """
            import atexit, json, logging
            from _effects import guarded
            from _guarding import called_in_task
            from ginger_async_safe import configure

            configure(policy="log")
            connect, pay = guarded("shop.db.connect"), guarded("bank.pay")

            def calls():
                for _ in range(10_000):
                    connect()
                pay()

            class Handler(logging.Handler):
                def emit(self, record):
                    messages.append(record.getMessage())

            messages = []
            logging.getLogger().addHandler(Handler())
            atexit.register(lambda: print(json.dumps(messages)))
            called_in_task(calls)
            """
        )


class TestListeners:
    """Listeners are called with every violation."""

    def test_before_the_policy(self, listen: Callable[..., None]) -> None:
        """They are called in order, before the policy is applied."""
        order: list[str] = []
        listen(lambda violation: order.append("first"))
        listen(lambda violation: order.append("second"))
        configure(policy=lambda violation: order.append("policy"))
        called_in_task(here)
        assert ["first", "second", "policy"] == order

    @pytest.mark.parametrize("policy", POLICIES)
    def test_under_each_policy(
        self, policy: Any, listen: Callable[..., None], caplog: pytest.LogCaptureFixture
    ) -> None:
        """They are called under every policy, with the same record."""
        heard: list[Violation] = []
        listen(heard.append)
        configure(policy=policy)
        assert policy == outcome(caplog)
        assert ["_effects.blocking"] == [each.call for each in heard]

    def test_not_of_allowed_calls(self, listen: Callable[..., None]) -> None:
        """They are not called for calls that are allowed: these are no violations."""
        listen(breaking(AssertionError()))
        configure(allow="_effects.*")
        called_in_task(here)

    def test_removal(self) -> None:
        """A removed listener is not called any more; removing it twice is an error."""
        heard: list[Violation] = []
        add_listener(heard.append)
        refusal_of(here)
        remove_listener(heard.append)
        refusal_of(here)
        assert len(heard) == 1
        with pytest.raises(ValueError, match="not in list"):
            remove_listener(heard.append)

    def test_that_removes_itself(self) -> None:
        """A listener may remove itself, and the next one is still called."""
        heard: list[str] = []

        def once(violation: Violation) -> None:
            heard.append("once")
            remove_listener(once)

        def always(violation: Violation) -> None:
            heard.append("always")

        add_listener(once)
        add_listener(always)
        try:
            refusal_of(here)
            refusal_of(here)
        finally:
            remove_listener(always)
        assert ["once", "always", "always"] == heard

    @pytest.mark.parametrize("error", [ZeroDivisionError("oh"), ConfigurationError("oh"), ConfigurationWarning("oh")])
    def test_error_under_raise(self, error: Exception, listen: Callable[..., None]) -> None:
        """If one raises an error, the call is stopped with that as the cause, and the next one is called."""
        heard: list[Violation] = []
        listen(breaking(error))
        listen(breaking(KeyError("the second error")))
        listen(heard.append)
        stopped = refusal_of(here)
        assert error is stopped.__cause__
        assert [stopped.violation] == heard

    def test_stop_under_raise(self, listen: Callable[..., None]) -> None:
        """The same is true if it raises its own SynchronousOnlyOperation."""
        mine = SynchronousOnlyOperation("mine")
        listen(breaking(mine))
        stopped = refusal_of(here)
        assert mine is stopped.__cause__

    @pytest.mark.parametrize("error", [ZeroDivisionError("oh"), ConfigurationError("oh")])
    @pytest.mark.parametrize(("policy", "reported"), [("log", [SUMMARY]), ("ignore", []), ("warn", [])])
    def test_error_under_other_policies(
        self,
        error: Exception,
        policy: Any,
        reported: list[str],
        listen: Callable[..., None],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """If the call is allowed, it runs, and the error is logged with its traceback."""
        configure(policy=policy)
        listen(breaking(error))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert called_in_task(here) == "it ran"
        assert (policy == "warn") == bool(caught)
        assert [f"a listener failed on {SUMMARY}", *reported] == caplog.messages
        assert logging.ERROR == caplog.records[0].levelno
        assert caplog.records[0].exc_info is not None
        assert error is caplog.records[0].exc_info[1]

    def test_makes_guarded_calls(self, listen: Callable[..., None]) -> None:
        """If one makes guarded calls itself, it is not called for these; under ``raise`` they are the cause."""
        heard: list[str] = []

        def listener(violation: Violation) -> None:
            heard.append(violation.call)
            assert is_stopped(guarded("bank.pay"))
            guarded("shop.db.connect")()

        listen(listener)
        error = refusal_of(here)
        assert ["_effects.blocking"] == heard
        assert isinstance(error.__cause__, SynchronousOnlyOperation)
        assert error.__cause__.violation is not None
        assert error.__cause__.violation.call == "shop.db.connect"

    def test_makes_guarded_calls_under_log(self, listen: Callable[..., None], caplog: pytest.LogCaptureFixture) -> None:
        """Under ``log`` its calls run, and are reported like any others."""
        configure(policy="log")
        listen(lambda violation: [guarded("bank.pay")() for _ in range(3)])
        called_in_task(here)
        assert ["bank.pay", "_effects.blocking"] == [each.split()[0] for each in caplog.messages]

    def test_interrupt(self, listen: Callable[..., None]) -> None:
        """An interrupt propagates, and the next violation is handled as usual."""
        heard: list[Violation] = []
        listen(heard.append)
        listen(functools.partial(self.interrupt, heard))
        with pytest.raises(KeyboardInterrupt):
            called_in_task(here)
        refusal_of(here)
        assert len(heard) == 2

    @staticmethod
    def interrupt(heard: list[Violation], violation: Violation) -> None:
        """Be interrupted the first time."""
        if len(heard) == 1:
            raise KeyboardInterrupt


class TestInvalidSettings:
    """Invalid settings do not allow anything."""

    @pytest.mark.parametrize("value", ["wran", "allow=a b", "polcy=warn", "report_unused_grants=5"])
    def test_environment(self, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """An invalid environment variable stops the call; the cause names the mistake."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", value)
        with listening() as heard:
            error = refusal_of(here)
        assert isinstance(error.__cause__, ConfigurationError)
        assert str(error.__cause__).startswith("GINGER_ASYNC_SAFE: ")
        assert [error.violation] == heard

    def test_settings_and_listener_fail(self, monkeypatch: pytest.MonkeyPatch, listen: Callable[..., None]) -> None:
        """If both settings and a listener fail, the settings are the cause."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "wran")
        listen(breaking(KeyError()))
        assert isinstance(refusal_of(here).__cause__, ConfigurationError)

    def test_inside_a_grant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A grant in code applies nevertheless."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "wran")

        def block() -> str:
            with allow_async_unsafe():
                return here()

        assert called_in_task(block) == "it ran"

    def test_outside_loops(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Outside of loops the settings are not read."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "wran")
        assert here() == "it ran"

    def test_explain(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """``explain()`` raises the same error, and prints nothing before."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "wran")
        with pytest.raises(ConfigurationError, match=r"^GINGER_ASYNC_SAFE: 'wran' is not a policy;"):
            explain()
        assert capsys.readouterr().out == ""


OF_OTHERS = ("rules", "hop to a thread")
"""What other parts of the library add to ``explain()``, once they are imported."""


class TestExplain:
    """``explain()`` shows what is in force, and where each setting comes from."""

    @pytest.mark.parametrize("build", [0, None, 1])
    def test_free_threaded(self, build: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
        """On a build without the interpreter lock, simulated here, it says what is supported; on others, nothing."""
        monkeypatch.setattr("sysconfig.get_config_var", {"Py_GIL_DISABLED": build}.get)
        said = "marked functions are checked by a wrapper; nothing more is promised on such builds yet"
        assert explained().get("free-threaded build") == ([said] if build else None)

    def test_all(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """It prints a line for each setting, the escape hatch, the loop, each open grant and each call site."""
        path = tmp_path / "pyproject.toml"
        path.write_text("[tool.ginger_async_safe]\nreport_unused_grants = true\n", encoding="utf-8")
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "allow=shop.*, bank.pay")
        monkeypatch.setenv("GINGER_ALLOW_ASYNC_UNSAFE", "till.*")
        configure(policy="log")

        def calls() -> None:
            here()
            here()
            with allow_async_unsafe(reason="until June", calls="_effects.*"):
                here()
                here()
                explain()

        called_in_task(calls)
        lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(OF_OTHERS)]
        assert lines.pop(0).startswith("ginger_async_safe     0.")
        assert [
            "async context here    yes: asyncio",
            "policy                log   from configure()",
            "allow                 shop.*, bank.pay   from GINGER_ASYNC_SAFE",
            f"report_unused_grants  yes   from [tool.ginger_async_safe] in {path}",
            "first_party           what is not installed   from the default",
            "third_party           report   from the default",
            "log_raised            yes   from the default",
            "escape hatch          open for till.*   GINGER_ALLOW_ASYNC_UNSAFE='till.*'",
            "grant                 _effects.*   until June (used 2 times)",
            f"violation reported    _effects.blocking at {HERE}   2 times",
        ] == lines

    def test_defaults(self) -> None:
        """In a program without settings, it shows the defaults."""
        rows = explained()
        del rows["ginger_async_safe"]
        for name in OF_OTHERS:
            rows.pop(name, None)
        assert {
            "async context here": ["no"],
            "policy": ["raise   from the default"],
            "allow": ["nothing   from the default"],
            "report_unused_grants": ["no   from the default"],
            "first_party": ["what is not installed   from the default"],
            "third_party": ["report   from the default"],
            "log_raised": ["yes   from the default"],
            "escape hatch": ["shut   not set"],
        } == rows

    @pytest.mark.parametrize(
        ("policy", "expected"),
        [
            (breaking, "breaking"),
            (functools.partial(print, end=""), "functools.partial(<built-in function print>, end='')"),
        ],
    )
    def test_callable(self, policy: Any, expected: str) -> None:
        """A callable is shown with its name, if it has one."""
        configure(policy=policy)
        assert [f"{expected}   from configure()"] == explained()["policy"]

    def test_makes_no_violation(self, listen: Callable[..., None]) -> None:
        """It may be called on a loop."""
        listen(breaking(AssertionError()))
        called_in_task(explained)

    def test_waits_on(self, on_loop: OnLoop) -> None:
        """It names the loop that waits for the calling code."""

        async def main() -> list[str]:
            return explained()["async context here"]

        assert on_loop(main)[0] in {"yes: asyncio", "yes: asyncio on uvloop", "yes: trio"}
