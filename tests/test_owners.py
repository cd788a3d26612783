"""Owners of violations: rules stop the project's own code, and not that of installed packages."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import time
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from _guarding import called_in_task, listening
from _running import TIMEOUT

from ginger_async_safe import ConfigurationError, SynchronousOnlyOperation, configure, guard_blocking_calls
from ginger_async_safe._violation.owners import add_first_party

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = """
import asyncio, os, time
from ginger_async_safe import async_unsafe

__version__ = "1.2.3"

def pause():
    time.sleep(0.001)

async def connect():
    pause()
    return "connected"

async def rows():
    pause()
    yield 1

async def call(function):
    return function()

def call_now(function):
    return function()

tasks = []

def start():
    done = asyncio.Event()
    tasks.append(asyncio.create_task(beat(done)))
    return done

async def beat(done):
    pause()
    done.set()

def later(loop, future):
    loop.call_soon(_later, future)

def _later(future):
    pause()
    future.set_result("done")

@async_unsafe
def marked():
    return "ran"

async def calls_marked():
    return marked()
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A package that is installed, to judge by its directory, with its version."""
    site = tmp_path / "env" / "site-packages"
    (site / "warehouse").mkdir(parents=True)
    (site / "warehouse" / "__init__.py").write_text(PACKAGE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    import warehouse  # type: ignore[import-not-found] # noqa: PLC0415 - it was just created

    yield warehouse
    del sys.modules["warehouse"]


@pytest.fixture(autouse=True)
def _rules() -> Iterator[None]:
    with guard_blocking_calls():
        yield


@pytest.fixture
def _own_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ginger_async_safe._violation.owners._packages", set())
    monkeypatch.setattr("ginger_async_safe._violation.owners._directories", set())


def outcome(coroutine: Any) -> object:
    """Return the result or the error of a coroutine in a task."""
    try:
        return asyncio.run(coroutine)
    except SynchronousOnlyOperation as error:
        return error.violation and (error.violation.owner, error.violation.package)


class TestFirstParty:
    """What the project itself calls is stopped."""

    def test_installed_function(self, library: Any) -> None:
        """If the project calls a function of an installed package in a coroutine, that is the project's violation."""

        async def view() -> None:
            library.pause()

        assert ("first party", "") == outcome(view())

    def test_below_a_framework(self, library: Any) -> None:
        """The same is true for the project's code that a package calls, from a coroutine or a function."""
        assert ("first party", "") == outcome(library.call(pause))

        async def view() -> None:
            library.call_now(pause)

        assert ("first party", "") == outcome(view())

    def test_callback(self) -> None:
        """A callback that is itself the blocking call has no caller, and is stopped."""
        errors: list[Any] = []

        async def main() -> None:
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda _, context: errors.append(context["exception"]))
            loop.call_soon(time.sleep, 0.001)
            await asyncio.sleep(0)
            await asyncio.sleep(0)

        asyncio.run(main())
        assert [SynchronousOnlyOperation] == list(map(type, errors))

    def test_marked_calls_raise_whoever_calls(self, library: Any) -> None:
        """A marked call also raises if an installed package's coroutine makes it, without code of the project's below."""

        async def view() -> None:
            await library.calls_marked()

        assert ("third party", "warehouse") == outcome(view())
        assert ("server", "warehouse") == outcome(library.calls_marked())


def pause() -> None:
    """Block."""
    time.sleep(0.001)


class TestThirdParty:
    """The project awaits a coroutine of an installed package, which blocks inside."""

    def test_is_reported(self, library: Any, caplog: pytest.LogCaptureFixture) -> None:
        """The call runs; listeners are called, and it is logged, at the project's line, with package and version."""

        async def view() -> object:
            return await library.connect()

        with listening() as heard:
            assert "connected" == outcome(view())
        (violation,) = heard
        line = view.__code__.co_firstlineno + 1
        assert ("third party", "warehouse", "time.sleep") == (violation.owner, violation.package, violation.call)
        assert violation.called_at is not None
        assert (__file__, line) == (violation.called_at.file, violation.called_at.line)
        assert "  owner     warehouse 1.2.3 (third party)" in str(violation).splitlines()
        (message,) = caplog.messages
        assert f":{line} in async " in message
        assert "warehouse 1.2.3" in message

    def test_async_generator(self, library: Any) -> None:
        """An async generator of the package counts like its coroutines."""

        async def view() -> object:
            return [each async for each in library.rows()]

        with listening() as heard:
            assert [1] == outcome(view())
        assert ["third party"] == [each.owner for each in heard]

    @pytest.mark.parametrize("policy", ["raise", "warn", "log", "ignore"])
    def test_setting(self, library: Any, policy: Any, caplog: pytest.LogCaptureFixture) -> None:
        """With ``raise`` the policy decides, with ``ignore`` nothing is reported under any policy."""

        async def view() -> object:
            return await library.connect()

        configure(policy=policy, third_party="ignore")
        with listening() as heard:
            assert "connected" == outcome(view())
        assert ([], []) == (heard, caplog.messages)
        configure(third_party="raise", policy="raise")
        assert ("third party", "warehouse") == outcome(view())

    def test_ignored(self, library: Any, caplog: pytest.LogCaptureFixture) -> None:
        """If violations are ignored, this is not logged, either."""
        configure(policy="ignore")

        async def view() -> object:
            return await library.connect()

        assert "connected" == outcome(view())
        assert [] == caplog.messages

    @pytest.mark.parametrize(("key", "value"), [("third_party", "stop"), ("first_party", 5), ("first_party", "a b")])
    def test_bad_setting(self, key: str, value: Any) -> None:
        """An invalid value is refused, with the setting's name or with what it accepts."""
        with pytest.raises(
            ConfigurationError, match=r"third_party takes one of|first_party takes a list|not a pattern"
        ):
            configure(**{key: value})


class TestAwaitedThroughTasks:
    """The project waits for a coroutine of an installed package that runs in a task of its own."""

    @pytest.mark.parametrize("how", ["gather", "shield", "create_task", "wait"])
    def test_is_reported(self, library: Any, how: str) -> None:
        """It is the package's violation, at the project's line, if asyncio knows what waits: from Python 3.14 on."""

        async def view() -> None:
            coroutine = library.connect()
            if how in {"gather", "shield"}:
                await getattr(asyncio, how)(coroutine)
            elif how == "wait":
                await asyncio.wait([asyncio.create_task(coroutine)])
            else:
                await asyncio.create_task(coroutine)

        with listening() as heard:
            assert outcome(view()) is None
        if sys.version_info < (3, 14):
            assert [] == heard
            return
        (violation,) = heard
        assert ("third party", "warehouse") == (violation.owner, violation.package)
        assert violation.called_at is not None
        assert __file__ == violation.called_at.file
        assert violation.async_caller is not None
        assert violation.async_caller.function.endswith("view")


class TestServer:
    """There is no code of the project's below the task or callback."""

    def test_task(self, library: Any, caplog: pytest.LogCaptureFixture) -> None:
        """A task of the package's own is not stopped, and by default not reported."""

        async def view() -> object:
            return await library.start().wait()

        with listening() as heard:
            assert outcome(view())
        assert ([], []) == (heard, caplog.messages)

    def test_callback(self, library: Any) -> None:
        """A callback of the package's own is not, either."""

        async def view() -> object:
            loop = asyncio.get_running_loop()
            future = loop.create_future()
            library.later(loop, future)
            return await future

        assert "done" == outcome(view())


@pytest.mark.usefixtures("_own_again")
class TestWhatIsFirstParty:
    """What counts as the project's own code."""

    def test_setting(self, library: Any, tmp_path: Path) -> None:
        """The setting names packages, in pyproject.toml or elsewhere: then an installed one may be the project's."""
        assert "connected" == outcome(library.connect())
        (tmp_path / "pyproject.toml").write_text('[tool.ginger_async_safe]\nfirst-party = ["warehouse"]\n')
        from ginger_async_safe._config import settings  # noqa: PLC0415 - its cached settings are dropped

        settings.forget_file()
        assert ("first party", "") == outcome(library.connect())

    def test_setting_names_all(self, library: Any) -> None:
        """What it does not name is not the project's then, even if it is not installed."""
        configure(first_party="shop")

        async def view() -> object:
            library.pause()
            return "viewed"

        assert "viewed" == outcome(view())

    def test_settings_module(self, library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """The package of the settings module is the project's."""
        monkeypatch.setenv("GINGER_SETTINGS_MODULE", "warehouse.settings")
        assert ("first party", "") == outcome(library.connect())

    def test_packages_of_the_program(self, library: Any) -> None:
        """Packages that the program itself names are, too."""
        add_first_party(["warehouse"])
        assert ("first party", "") == outcome(library.connect())

    def test_directories(self, library: Any, tmp_path: Path) -> None:
        """A directory is, too, but not an environment in it."""
        add_first_party(directories=[str(tmp_path)])
        assert "connected" == outcome(library.connect())
        add_first_party(directories=[str(tmp_path / "env" / "site-packages")])
        assert ("first party", "") == outcome(library.connect())


class TestSwallowed:
    """Under ``raise``, code that catches every error would hide a violation."""

    def test_is_logged_once(self, caplog: pytest.LogCaptureFixture) -> None:
        """Each place is logged once, as an error, with the record."""

        def hides() -> None:
            with contextlib.suppress(Exception):
                pause()

        def thrice() -> None:
            for _ in range(3):
                hides()

        called_in_task(thrice)
        (record,) = caplog.records
        assert (logging.ERROR, "ginger_async_safe") == (record.levelno, record.name)
        assert "time.sleep was called in an async context at" in record.message
        assert "time.sleep" == record.violation.call  # type: ignore[attr-defined]

    def test_switched_off(self, caplog: pytest.LogCaptureFixture) -> None:
        """A setting switches that off."""
        configure(log_raised=False)
        with pytest.raises(SynchronousOnlyOperation):
            called_in_task(pause)
        assert [] == caplog.messages


class TestRun:
    """What ``ginger-async-safe run`` runs counts as the project's, even if it is installed."""

    @pytest.mark.parametrize(
        ("words", "owner"),
        [
            (["-m", "warehouse.worker"], "first party"),
            (["serve.py"], "server"),
            (["serve.py", "warehouse.asgi:application"], "first party"),
            (["serve.py", "file:warehouse.asgi:make_application()"], "first party"),
            (["serve.py", "localhost:8000", "elsewhere:application"], "server"),
        ],
    )
    def test_module_and_application(self, library: Any, words: list[str], owner: str, tmp_path: Path) -> None:
        """The module, and an application in the form that servers accept."""
        del library
        site = tmp_path / "env" / "site-packages"
        (site / "warehouse" / "worker.py").write_text("import asyncio, warehouse\nasyncio.run(warehouse.connect())\n")
        (tmp_path / "serve.py").write_text("import asyncio, warehouse\nasyncio.run(warehouse.connect())\n")
        run = [sys.executable, "-m", "ginger_async_safe", "run", "--report", "found.json", "--", *words]
        variables = {"PYTHONPATH": str(site)}
        subprocess.run(run, check=True, env={**os.environ, **variables}, timeout=3 * TIMEOUT)
        found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
        owners = [each["record"]["owner"] for each in found["violations"] + found["noted"]]
        assert [owner] == owners
        assert (owner == "server") == bool(found["noted"])
        assert ["warehouse 1.2.3"] * len(found["noted"]) == [each["package"] for each in found["noted"]]


class TestPytest:
    """Under pytest, what is in the root directory counts as the project's."""

    def test_installed_copy(self, library: Any, tmp_path: Path) -> None:
        """A package whose source is there is the project's, although the tests import an installed copy."""
        del library
        root = tmp_path / "checkout"
        (root / "src" / "warehouse").mkdir(parents=True)
        (root / "src" / "warehouse" / "__init__.py").write_text("", encoding="utf-8")
        (root / "test_it.py").write_text(
            dedent(
                """
                import asyncio, warehouse

                def test_connect():
                    asyncio.run(warehouse.connect())
                """
            ),
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "pytest", "-q", "--async-safe-rules", "-p", "no:cacheprovider", "--rootdir=."]
        variables = {**os.environ, "PYTHONPATH": str(tmp_path / "env" / "site-packages")}
        done = subprocess.run(
            command, cwd=root, check=False, capture_output=True, text=True, env=variables, timeout=3 * TIMEOUT
        )
        assert 1 == done.returncode, done.stdout
        (root / "src" / "warehouse" / "__init__.py").unlink()
        done = subprocess.run(
            command, cwd=root, check=False, capture_output=True, text=True, env=variables, timeout=3 * TIMEOUT
        )
        assert 0 == done.returncode, done.stdout
        assert "noted, not stopped" in done.stdout
        assert "server warehouse 1.2.3" in done.stdout


class TestMadeFromText:
    """Code that was created from a string belongs to the module that it was created for."""

    def test_dataclass(self, library: Any) -> None:
        """The ``__init__`` of an installed package's dataclass is the package's."""
        source = "import dataclasses\n@dataclasses.dataclass\nclass Order:\n    number: int\n    def __post_init__(self):\n        pause()\n"
        exec(source + "async def order():\n    return Order(1).number\n", vars(library))

        async def view() -> object:
            return await library.order()

        assert 1 == outcome(view())
        assert 1 == outcome(library.order())

    def test_await(self, library: Any) -> None:
        """``__await__`` of an installed package is a coroutine of the package's, however it is written."""
        exec("class Client:\n    def __await__(self):\n        pause()\n        return iter(())\n", vars(library))

        async def view() -> object:
            return await library.Client()

        with listening() as heard:
            assert outcome(view()) is None
        assert ["third party"] == [each.owner for each in heard]


class TestBelow:
    """The project's own code is also stopped inside of calls that are guarded or allowed themselves."""

    def test_queue(self) -> None:
        """What the project's own queue does when something is put into it."""

        class Slow(queue.Queue[int]):
            def _put(self, item: int) -> None:
                pause()
                super()._put(item)

        async def view() -> None:
            Slow().put(1)

        assert ("first party", "") == outcome(view())

    def test_from_thread(self) -> None:
        """What a thread makes the loop call, if that is itself the blocking call."""

        async def view() -> None:
            await anyio.to_thread.run_sync(lambda: anyio.from_thread.run_sync(time.sleep, 0.001))

        assert ("first party", "") == outcome(view())
