"""Debuggers and coverage inspect a program while it runs; what they call meanwhile is no violation."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from _debugger import at_breakpoint, debugging
from _running import TIMEOUT

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import asyncio
from ginger_async_safe import SynchronousOnlyOperation, async_unsafe


class Shelf:
    @async_unsafe
    def __repr__(self):
        return "<Shelf of Kindred>"


@async_unsafe
def titles():
    return ["Kindred"]


async def main():
    shelf = Shelf()
    breakpoint()  # here
    try:
        titles()
    except SynchronousOnlyOperation:
        print("the program itself was stopped")


asyncio.run(main())
"""


def written(directory: Path, source: str) -> Path:
    """Write a program and return its path."""
    path = directory / "shop.py"
    path.write_text(textwrap.dedent(source), encoding="utf-8")
    return path


def test_pdb(tmp_path: Path) -> None:
    """At pdb's prompt, in a task: variables are shown, and guarded calls run."""
    done = subprocess.run(
        [sys.executable, written(tmp_path, PROGRAM)],
        input="p shelf\np titles()\nimport pprint; pprint.pprint(shelf)\ncontinue\n",
        capture_output=True,
        check=True,
        text=True,
        timeout=3 * TIMEOUT,
    )
    assert 2 == done.stdout.count("<Shelf of Kindred>")
    assert "['Kindred']" in done.stdout
    assert done.stdout.rstrip().endswith("the program itself was stopped")


def test_pydevd(tmp_path: Path) -> None:
    """At a breakpoint of debugpy, in a task: variables are shown, and guarded calls run."""
    program = written(tmp_path, PROGRAM.replace("breakpoint()  # here", "pass  # here"))
    with debugging(program) as (debugger, process):
        thread = at_breakpoint(debugger, program, "    pass  # here")
        frame = debugger.request("stackTrace", threadId=thread)["stackFrames"][0]["id"]
        scope = debugger.request("scopes", frameId=frame)["scopes"][0]["variablesReference"]
        variables = debugger.request("variables", variablesReference=scope)["variables"]
        assert "<Shelf of Kindred>" == next(each["value"] for each in variables if each["name"] == "shelf")
        assert (
            "['Kindred']"
            == debugger.request("evaluate", expression="titles()", frameId=frame, context="repl")["result"]
        )
        debugger.request("continue", threadId=thread)
        assert process.stdout is not None
        assert "the program itself was stopped\n" == process.stdout.readline()
        debugger.wait("terminated")


def test_coverage(tmp_path: Path) -> None:
    """What coverage and its plugins call while they decide about a file is no violation."""
    (tmp_path / "watching.py").write_text(
        textwrap.dedent("""
            from coverage import CoveragePlugin
            from ginger_async_safe import async_unsafe

            class Watching(CoveragePlugin):
                @async_unsafe
                def file_tracer(self, filename):
                    if filename.endswith("late.py"):
                        print("called for late.py")

            def coverage_init(registry, options):
                registry.add_file_tracer(Watching())
        """),
        encoding="utf-8",
    )
    (tmp_path / "late.py").write_text("title = 'Kindred'\n", encoding="utf-8")
    (tmp_path / ".coveragerc").write_text("[run]\nplugins = watching\ncore = ctrace\n", encoding="utf-8")
    program = written(tmp_path, "import asyncio\nasync def main():\n    import late\nasyncio.run(main())\n")
    done = subprocess.run(
        [sys.executable, "-m", "coverage", "run", program],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=3 * TIMEOUT,
    )
    assert "called for late.py\n" == done.stdout
    assert "disabl" not in done.stderr.lower()


@pytest.mark.parametrize("tool", ["coverage run", "pdb -c continue -c quit"])
def test_beneath_a_tool(tmp_path: Path, tool: str) -> None:
    """A program that a tool has started does not count as the tool, also if the loop is in C and has no frames."""
    program = written(
        tmp_path,
        """
        import asyncio, uvloop
        from ginger_async_safe import SynchronousOnlyOperation, async_unsafe

        @async_unsafe
        def titles():
            return ["Kindred"]

        def callback(done):
            try:
                titles()
            except SynchronousOnlyOperation:
                print("stopped")
            done.set()

        async def main():
            done = asyncio.Event()
            asyncio.get_running_loop().call_soon(callback, done)
            await done.wait()

        loop = uvloop.new_event_loop()
        loop.run_until_complete(main())
        loop.close()
        """,
    )
    done = subprocess.run(
        [sys.executable, "-m", *tool.split(), program],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        input="",
        text=True,
        timeout=3 * TIMEOUT,
    )
    assert "stopped" in done.stdout.splitlines()
