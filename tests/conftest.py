"""Fixtures of all tests: the settings of a new process, and the real event loops to run on."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest
from _reports import Engine, write_shop
from _sampling import SLOW, sampled
from _suites import Suite

from ginger_async_safe import testing
from ginger_async_safe.asgi import _asgiref_private
from ginger_async_safe.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path

collect_ignore = ["lint_corpus"]  # programs that tests run, under any name

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in processes that a shell runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that runs only a part of the slow tests."""
    parser.addoption(
        "--sample", type=int, default=1, metavar="N", help="run one in N of the slow tests (tests/_sampling.py)"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the slow tests that are not in the sample."""
    slow = [item.nodeid for item in items if item.path.stem in SLOW]
    left_out = set(slow) - sampled(slow, config.getoption("sample"), "{}.{}".format(*sys.version_info))
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left_out])
    items[:] = [item for item in items if item.nodeid not in left_out]


@pytest.fixture(autouse=True)
def _new_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """Start each test without settings, and outside of this project, which has a pyproject.toml."""
    monkeypatch.delenv("GINGER_ALLOW_ASYNC_UNSAFE", raising=False)
    monkeypatch.delenv("GINGER_ASYNC_SAFE", raising=False)
    monkeypatch.delenv("GINGER_SETTINGS_MODULE", raising=False)
    # Each pytest that a test starts would import all of hypothesis, and not use it.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")
    monkeypatch.chdir(tmp_path)
    testing.reset()
    in_force_before = testing.rules_in_force()
    yield
    failed = testing.internal_failures()
    testing.reset()
    assert not failed or "failures_are_expected" in request.fixturenames, "the guard itself failed"
    assert testing.rules_in_force() == in_force_before, "the test leaves a guard on"
    assert not testing.open_grants(), "the test leaves a grant open"


@pytest.fixture
def failures_are_expected() -> None:
    """Allow the guard to fail in a test; in any other test, a failure of the guard is a failure of the test."""


def _on_asyncio(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(main())


def _on_uvloop(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    uvloop = pytest.importorskip("uvloop")
    loop = uvloop.new_event_loop()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()


def _on_trio(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    trio = pytest.importorskip("trio")
    return trio.run(main)


@pytest.fixture(params=[_on_asyncio, _on_uvloop, _on_trio], ids=["asyncio", "uvloop", "trio"])
def on_loop(request: pytest.FixtureRequest) -> Callable[[Callable[[], Coroutine[Any, Any, Any]]], Any]:
    """Run a coroutine function to its end on each event loop in turn."""
    run: Callable[[Callable[[], Coroutine[Any, Any, Any]]], Any] = request.param
    return run


@pytest.fixture(params=[_on_asyncio, _on_uvloop], ids=["asyncio", "uvloop"])
def on_asyncio_loop(request: pytest.FixtureRequest) -> Callable[[Callable[[], Coroutine[Any, Any, Any]]], Any]:
    """Run a coroutine function to its end on each loop with asyncio's interface."""
    run: Callable[[Callable[[], Coroutine[Any, Any, Any]]], Any] = request.param
    return run


@pytest.fixture(params=["fast", "asgiref"])
def hop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with each way in which requests get to their threads, by how much is known of the installed asgiref."""
    difference = None if request.param == "fast" else "it was never seen"
    monkeypatch.setattr(_asgiref_private, "difference", lambda: difference)
    name: str = request.param
    return name


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Return a project in which a test can write tests."""
    return Suite(pytester, monkeypatch)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Write a shop, and replace the check's engine by one that reports what is wrong there."""
    write_shop()
    found = Engine()
    found.install(monkeypatch)
    return found


@pytest.fixture
def check(engine: Engine, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the check with that engine; return its exit code and everything that it prints."""

    def run(*words: str) -> tuple[int, str]:
        code = main(["check", *words])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run
