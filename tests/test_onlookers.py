"""Debuggers and coverage look at a program while it runs; what they call there is no violation."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from _running import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
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


class Debugger:
    """A client of the debug adapter protocol, as an editor is one.

    Args:
        port: Where debugpy listens.
    """

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self._file = self._socket.makefile("rwb")
        self._sent = 0
        self._waiting: list[dict[str, Any]] = []

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def send(self, command: str, **arguments: Any) -> int:
        """Send a request, and return its number."""
        self._sent += 1
        message = {"seq": self._sent, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(message).encode()
        self._file.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._file.flush()
        return self._sent

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a request, and return the body of its answer."""
        number = self.send(command, **arguments)
        answer = self._next(lambda message: message.get("request_seq") == number)
        assert answer["success"], answer
        return dict(answer.get("body", {}))

    def wait(self, event: str) -> dict[str, Any]:
        """Wait for an event, and return its body."""
        return dict(self._next(lambda message: message.get("event") == event).get("body", {}))

    def _next(self, is_wanted: Any) -> dict[str, Any]:
        for message in self._waiting:
            if is_wanted(message):
                self._waiting.remove(message)
                return message
        while not is_wanted(message := self._read()):
            self._waiting.append(message)
        return message

    def _read(self) -> dict[str, Any]:
        length = 0
        while header := self._file.readline().strip():
            length = int(header.partition(b":")[2])
        message: dict[str, Any] = json.loads(self._file.read(length))
        return message


@contextmanager
def debugging(program: Path) -> Iterator[tuple[Debugger, subprocess.Popen[str]]]:
    """Start a program under debugpy, which connects to us, and hand out the connection to it."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    listening = ["-Xfrozen_modules=off", "-m", "debugpy", "--listen", f"127.0.0.1:{port}", "--wait-for-client"]
    process = subprocess.Popen(
        [sys.executable, *listening, program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
    )
    try:
        with closing(connected(port, process)) as debugger:
            yield debugger, process
    finally:
        process.kill()
        process.communicate(timeout=TIMEOUT)


def connected(port: int, process: subprocess.Popen[str]) -> Debugger:
    """Connect as soon as somebody listens."""
    while process.poll() is None:
        with suppress(ConnectionRefusedError):
            return Debugger(port)
    raise AssertionError(f"debugpy ended with {process.returncode}")


def test_pydevd(tmp_path: Path) -> None:
    """At a breakpoint of debugpy, in a task: variables are shown, and guarded calls run."""
    program = written(tmp_path, PROGRAM.replace("breakpoint()  # here", "pass  # here"))
    line = 1 + program.read_text(encoding="utf-8").splitlines().index("    pass  # here")
    with debugging(program) as (debugger, process):
        debugger.ask("initialize", adapterID="tests", clientID="tests", pathFormat="path")
        debugger.send("attach", justMyCode=False)
        debugger.wait("initialized")
        debugger.ask("setBreakpoints", source={"path": str(program)}, breakpoints=[{"line": line}])
        debugger.send("configurationDone")
        thread = debugger.wait("stopped")["threadId"]
        frame = debugger.ask("stackTrace", threadId=thread)["stackFrames"][0]["id"]
        scope = debugger.ask("scopes", frameId=frame)["scopes"][0]["variablesReference"]
        variables = debugger.ask("variables", variablesReference=scope)["variables"]
        assert "<Shelf of Kindred>" == next(each["value"] for each in variables if each["name"] == "shelf")
        assert "['Kindred']" == debugger.ask("evaluate", expression="titles()", frameId=frame, context="repl")["result"]
        debugger.ask("continue", threadId=thread)
        assert process.stdout is not None
        assert "the program itself was stopped\n" == process.stdout.readline()
        debugger.wait("terminated")


def test_coverage(tmp_path: Path) -> None:
    """What coverage and its plugins call while it decides on a file is no violation."""
    (tmp_path / "watching.py").write_text(
        textwrap.dedent("""
            from coverage import CoveragePlugin
            from ginger_async_safe import async_unsafe

            class Watching(CoveragePlugin):
                @async_unsafe
                def file_tracer(self, filename):
                    if filename.endswith("late.py"):
                        print("asked of late.py")

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
    assert "asked of late.py\n" == done.stdout
    assert "disabl" not in done.stderr.lower()


@pytest.mark.parametrize("tool", ["coverage run", "pdb -c continue -c quit"])
def test_beneath_a_tool(tmp_path: Path, tool: str) -> None:
    """A program that a tool has started is not the tool, also where the loop is in C and shows no frames."""
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
