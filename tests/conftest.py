"""What every test gets: settings as a new process has them, and the real event loops to run on."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import pytest
from _reports import Engine, write_shop
from _suites import Suite

from ginger_async_safe import _hatch, _settings, configure, policy
from ginger_async_safe._grants import grants_here
from ginger_async_safe.blocking.in_force import in_force
from ginger_async_safe.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path

collect_ignore = ["lint_corpus"]  # programs that tests run, by whatever names

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as of what a shell has put into the background
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _new_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Start each test without settings, away from this project's own pyproject.toml."""
    monkeypatch.delenv("GINGER_ALLOW_ASYNC_UNSAFE", raising=False)
    monkeypatch.delenv("GINGER_ASYNC_SAFE", raising=False)
    monkeypatch.delenv("GINGER_SETTINGS_MODULE", raising=False)
    # Each pytest that a test starts would import all of hypothesis, which none of them uses.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")
    monkeypatch.chdir(tmp_path)
    _forget_settings()
    in_force_before = in_force.ids()
    yield
    _forget_settings()
    assert in_force.ids() == in_force_before, "the test leaves a guard on"
    assert not grants_here(), "the test leaves a grant open"


def _forget_settings() -> None:
    configure(policy=None, allow=None, report_unused_grants=None)
    _settings._from_file.cache_clear()
    _hatch._read.cache_clear()
    policy.repeats.clear()


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
    """Run a coroutine function to its end on each loop that speaks asyncio's protocol."""
    run: Callable[[Callable[[], Coroutine[Any, Any, Any]]], Any] = request.param
    return run


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Give a test a project to write tests for."""
    return Suite(pytester, monkeypatch)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Write a shop, and have an engine in the place of the check's own that finds what is wrong there."""
    write_shop()
    found = Engine()
    found.install(monkeypatch)
    return found


@pytest.fixture
def check(engine: Engine, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the check over what that engine finds; return its exit code and all that it prints."""

    def run(*words: str) -> tuple[int, str]:
        code = main(["check", *words])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run
