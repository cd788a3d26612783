"""Places to run code in: a new loop, a new thread, a new process."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import pytest
import uvloop

__all__ = ["TIMEOUT", "NewLoop", "OnLoop", "in_new_process", "in_thread", "nesting", "new_loops"]

_T = TypeVar("_T")

OnLoop: TypeAlias = Callable[[Callable[[], Coroutine[Any, Any, Any]]], Any]
NewLoop: TypeAlias = Callable[[], asyncio.AbstractEventLoop]

TIMEOUT = 20
"""Seconds until a test stops waiting for something that should happen at once."""

new_loops = pytest.mark.parametrize(
    "new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
"""Run a test with a new loop of each kind that has asyncio's interface."""

nesting = pytest.mark.parametrize(
    "nesting",
    [
        pytest.param(
            "nest_asyncio",
            marks=pytest.mark.skipif(sys.version_info >= (3, 14), reason="it was given up before Python 3.14"),
        ),
        "nest_asyncio2",
    ],
)
"""Run a test with each package that allows a loop to run inside itself."""


def in_thread(function: Callable[[], _T]) -> _T:
    """Call a function in a new thread: in the main thread, uvloop and trio would both set signal handlers."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(TIMEOUT)


def in_new_process(source: str, *options: str) -> Any:
    """Run source code in a new Python process, with warnings as errors, and return its output, parsed as JSON.

    The source can import the modules of this folder.

    Args:
        source: The code, indented or not.
        options: More options for the interpreter.
    """
    path = os.pathsep.join(filter(None, (str(Path(__file__).parent), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-W", "error", *options, "-c", textwrap.dedent(source)],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": path},
        text=True,
        timeout=3 * TIMEOUT,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
