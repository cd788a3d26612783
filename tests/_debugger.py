"""A client of debugpy, like that of an editor."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from _running import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Debugger", "at_breakpoint", "debugging"]


class Debugger:
    """A client of the debug adapter protocol, like that of an editor.

    Args:
        port: The port on which debugpy listens.
        logs: The folder of debugpy's logs, which are shown when it closes the connection.
    """

    def __init__(self, port: int, logs: Path) -> None:
        self._logs = logs
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

    def request(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a request, and return the body of its response."""
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
        if not self._file.peek(1):
            raise AssertionError(f"debugpy closed the connection after {self._waiting}\n{written(self._logs)}")
        while header := self._file.readline().strip():
            length = int(header.partition(b":")[2])
        message: dict[str, Any] = json.loads(self._file.read(length))
        return message


@contextmanager
def debugging(program: Path) -> Iterator[tuple[Debugger, subprocess.Popen[str]]]:
    """Start a program under debugpy, and yield a connection to it and the program's process."""
    logs = program.parent / "debugpy"
    endpoints = program.parent / "endpoints.json"
    listening = ["-Xfrozen_modules=off", "-m", "debugpy", "--listen", "127.0.0.1:0", "--log-to", str(logs)]
    process = subprocess.Popen(
        [sys.executable, *listening, "--wait-for-client", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DEBUGPY_ADAPTER_ENDPOINTS": str(endpoints), "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
    )
    try:
        with closing(Debugger(port_in(endpoints, process, logs), logs)) as debugger:
            yield debugger, process
    finally:
        process.kill()
        process.communicate(timeout=TIMEOUT)


def port_in(endpoints: Path, process: subprocess.Popen[str], logs: Path) -> int:
    """Return the port from the file that debugpy's adapter writes once it accepts connections from both sides."""
    pause = threading.Event()
    while process.poll() is None:
        if endpoints.exists() and (text := endpoints.read_text(encoding="utf-8")).endswith("\n"):
            return int(json.loads(text)["client"]["port"])
        pause.wait(0.01)
    raise AssertionError(f"debugpy ended with {process.returncode}\n{written(logs)}")


def written(logs: Path) -> str:
    """Return what debugpy wrote to its logs."""
    return "\n".join(each.read_text(encoding="utf-8", errors="replace") for each in sorted(logs.glob("*.log")))


def at_breakpoint(debugger: Debugger, program: Path, line: str) -> int:
    """Run a program to a line, and return the thread that is stopped there.

    Args:
        debugger: The connection.
        program: The program.
        line: The text of the line.
    """
    number = 1 + program.read_text(encoding="utf-8").splitlines().index(line)
    debugger.request("initialize", adapterID="tests", clientID="tests", pathFormat="path")
    debugger.send("attach", justMyCode=False)
    debugger.wait("initialized")
    debugger.request("setBreakpoints", source={"path": str(program)}, breakpoints=[{"line": number}])
    debugger.send("configurationDone")
    return int(debugger.wait("stopped")["threadId"])
