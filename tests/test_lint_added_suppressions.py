"""``check --add-suppressions``: comments above the lines of findings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _reports import write_shop

from ginger_async_safe.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = """\
import time


async def view(x):
    time.sleep(1)
    if x and open("y"):
        x = [
            1,
            time.sleep(2),
            open("z"),
        ]
    elif open("w"): x = 1; time.sleep(4)
    x = f'''
{time.sleep(3)}
'''
    return \\
        open("v")
"""
ADDED = """\
import time


async def view(x):
    # async-safe: allow[time.sleep] - nobody has looked at it yet
    time.sleep(1)
    # async-safe: allow[file.open] - nobody has looked at it yet
    if x and open("y"):
        # async-safe: allow[file.open, time.sleep] - nobody has looked at it yet
        x = [
            1,
            time.sleep(2),
            open("z"),
        ]
    # async-safe: allow[file.open, time.sleep] - nobody has looked at it yet
    elif open("w"): x = 1; time.sleep(4)
    # async-safe: allow[time.sleep] - nobody has looked at it yet
    x = f'''
{time.sleep(3)}
'''
    # async-safe: allow[file.open] - nobody has looked at it yet
    return \\
        open("v")
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the check; return its exit code and what it prints."""

    def run(*words: str) -> tuple[int, str]:
        code = main(["check", *words])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


def test_statements(run: Callable[..., tuple[int, str]]) -> None:
    """There is one comment above each statement that has findings, with all their rules; then there are none."""
    path = Path("views.py")
    path.write_text(SOURCE, encoding="utf-8")
    assert (0, "added 6 suppressions in 1 file\n") == run("--add-suppressions")
    assert ADDED == path.read_text(encoding="utf-8")
    assert (0, "no findings in 1 file; 8 suppressed by comments\n") == run()
    assert (0, "added 0 suppressions in 0 files\n") == run("--add-suppressions")


def test_beside_others(run: Callable[..., tuple[int, str]]) -> None:
    """A statement may have other comments."""
    text = "import time\n\n\nasync def view():\n    # async-safe: allow[files] - it is short\n    time.sleep(open('x'))  # why\n"
    Path("views.py").write_text(text, encoding="utf-8")
    assert (0, "added 1 suppression in 1 file\n") == run("--add-suppressions", "--reason", "old code")
    assert "    # async-safe: allow[time.sleep] - old code\n" in Path("views.py").read_text(encoding="utf-8")
    assert (0, "no findings in 1 file; 2 suppressed by comments\n") == run()


def test_of_the_async_function(run: Callable[..., tuple[int, str]]) -> None:
    """They are written where the findings are, and only for those that would be reported."""
    write_shop()
    assert (0, "added 3 suppressions in 1 file\n") == run("--add-suppressions")
    assert 3 == Path("shop/views.py").read_text(encoding="utf-8").count("# async-safe")
    write_shop()
    assert (0, "added 0 suppressions in 0 files\n") == run("--add-suppressions", "--ignore", "time")
    assert (0, "added 0 suppressions in 0 files\n") == run("--add-suppressions", "shop/stock.py")


@pytest.mark.parametrize(
    ("data", "added"),
    [
        (b"async def view():\r\n\topen('x')\r\n", b"\t# async-safe: allow[file.open] - r\r\n\topen('x')\r\n"),
        (b"\xef\xbb\xbfasync def view():\n open('x')", b"\xef\xbb\xbfasync def view():\n # async-safe"),
        (b"# coding: latin-1\nasync def view():\n open('\xe4')", b" - r\n open('\xe4')"),
        (b"async def view(): open('x')", b"# async-safe: allow[file.open] - r\nasync def view()"),
    ],
)
def test_bytes(data: bytes, added: bytes, run: Callable[..., tuple[int, str]]) -> None:
    """The encoding, the ends of lines, and the indentation stay as they are."""
    Path("views.py").write_bytes(data)
    assert (0, "added 1 suppression in 1 file\n") == run("--add-suppressions", "--reason", "r")
    assert added in Path("views.py").read_bytes()
    assert 0 == run()[0]


def test_not_in_the_encoding(run: Callable[..., tuple[int, str]]) -> None:
    """A reason that the file's encoding lacks is an error, and the file stays as it is."""
    data = b"# coding: latin-1\nasync def view():\n    open('x')\n"
    Path("views.py").write_bytes(data)
    code, text = run("--add-suppressions", "--reason", "жизнь")
    assert (2, True) == (code, "suppressions cannot be written into views.py (" in text)
    assert data == Path("views.py").read_bytes()


@pytest.mark.parametrize("reason", ["", " - ", "one\ntwo"])
def test_no_reason(reason: str, run: Callable[..., tuple[int, str]]) -> None:
    """A reason has words, in one line."""
    write_shop()
    code, text = run("--add-suppressions", "--reason", reason)
    assert (2, True) == (code, f"--reason: {reason!r} is no reason; write a few words, in one line" in text)


def test_reason_alone(run: Callable[..., tuple[int, str]]) -> None:
    """A reason without comments to write is a usage error."""
    assert 2 == run("--reason", "old code")[0]


def test_notebooks(run: Callable[..., tuple[int, str]]) -> None:
    """Nothing is written into notebooks, and how much is left there is reported."""
    cell = '{"cell_type": "code", "source": "async def f():\\n    open(1, 2)"}'
    Path("nb.ipynb").write_text(f'{{"nbformat": 4, "metadata": {{}}, "cells": [{cell}]}}', encoding="utf-8")
    before = Path("nb.ipynb").read_bytes()
    code, text = run("--add-suppressions")
    assert (0, before) == (code, Path("nb.ipynb").read_bytes())
    assert "added 0 suppressions in 0 files\n" in text
    assert ("1 finding in notebooks left" in text) is ("1 finding" in run()[1])


def test_what_else_is_wrong(run: Callable[..., tuple[int, str]]) -> None:
    """What cannot be suppressed is reported."""
    Path("broken.py").write_text("def (:\n", encoding="utf-8")
    Path("views.py").write_text("x = 1  # async-safe: maybe\n", encoding="utf-8")
    code, text = run("--add-suppressions")
    assert 2 == code
    assert "broken.py:1: could not be read: " in text
    assert "views.py:1: invalid suppression: " in text
