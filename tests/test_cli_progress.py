"""The progress bar of a command."""

from __future__ import annotations

import io

import pytest
from _reports import Terminal

from ginger_async_safe.cli.progress import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that is set by hand."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)
    return now


def test_after_a_second(clock: list[float]) -> None:
    """It is shown after one second, and removed at the end."""
    stream = Terminal()
    with Progress("files read", stream) as progress:
        progress(1, 4)
        assert "" == stream.getvalue()
        clock[0] = 1.5
        progress(2, 4)
        assert f"\r{'█' * 15}{'░' * 15} 2/4 files read\033[K" == stream.getvalue()
    assert stream.getvalue().endswith("\r\033[K")


def test_part(clock: list[float]) -> None:
    """A part that is not counted is named, until the next update."""
    stream = Terminal()
    with Progress("files read", stream) as progress:
        progress(1, 4)
        clock[0] = 1.5
        progress.begin_part("acme-sdk 2.1")
        assert stream.getvalue().endswith(" 1/4 files read, reading acme-sdk 2.1\033[K")
        clock[0] = 2.5
        progress(2, 4)
        assert stream.getvalue().endswith(" 2/4 files read\033[K")


@pytest.mark.parametrize("why", ["CI", "dumb", "no terminal"])
def test_never(why: str, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not shown in CI, on a dumb terminal, or without a terminal."""
    monkeypatch.setenv("CI", "1" if why == "CI" else "")
    monkeypatch.setenv("TERM", "dumb" if why == "dumb" else "xterm")
    stream = io.StringIO() if why == "no terminal" else Terminal()
    with Progress("files read", stream) as progress:
        clock[0] = 1.5
        progress(2, 4)
    assert "" == stream.getvalue()
