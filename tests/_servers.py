"""Real ASGI servers, each a process of its own on a free port of 127.0.0.1."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVERS = ("uvicorn", "hypercorn", "daphne", "granian")
TIMEOUT = 30  # seconds
_ATTEMPTS = 3


@dataclass
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A server that runs.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        pid: Its process; some servers work in children of it.
    """

    port: int
    pid: int

    def processes(self) -> list[int]:
        """Return the server's process and its children."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        return [self.pid, *map(int, children.split())]

    def fetch(self, path: str, method: str = "GET", body: bytes | None = None) -> Answer:
        """Send one request and return the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"})
            with connection.getresponse() as response:
                headers = {name.lower(): value for name, value in response.getheaders()}
                return Answer(response.status, headers, response.read())


def _command(name: str, application: str, port: int) -> list[str]:
    address = ["--host", "127.0.0.1", "--port", str(port)]
    arguments = {
        "uvicorn": [*address, "--log-level", "warning"],
        "hypercorn": ["--bind", f"127.0.0.1:{port}"],
        "daphne": ["--bind", "127.0.0.1", "--port", str(port)],
        "granian": ["--interface", "asgi", *address],
        "gunicorn": ["--preload", "--worker-class", "uvicorn_worker.UvicornWorker", "--bind", f"127.0.0.1:{port}"],
    }[name]
    module = {"hypercorn": "hypercorn.__main__"}.get(name, name)
    return [sys.executable, "-m", module, *arguments, application]


@contextlib.contextmanager
def serving(name: str, application: str, directory: Path, **variables: str) -> Iterator[Server]:
    """Run a server until the block ends.

    Args:
        name: One of :data:`SERVERS`, or gunicorn, which forks its worker after it has loaded the application.
        application: What it serves, as ``module:name``.
        directory: Where it runs, and where it finds the module.
        variables: Environment variables to set.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GINGER_")}
    environment |= {"PYTHONPATH": str(directory), **variables}
    log = directory / f"{name}.log"
    for attempt in range(1, _ATTEMPTS + 1):  # a port that was free may be taken before the server has it
        port = _free_port()
        with log.open("wb") as output:
            process = subprocess.Popen(
                _command(name, application, port), cwd=directory, env=environment, stdout=output, stderr=output
            )
        try:
            if not answers(process, port):
                text = log.read_text(encoding="utf-8", errors="replace")
                assert attempt < _ATTEMPTS, f"{name} ended with {process.returncode}:\n{text}"
                continue
            yield Server(port, process.pid)
            return
        finally:
            process.terminate()
            try:
                process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def answers(process: subprocess.Popen[Any], port: int) -> bool:
    """Wait until the server takes connections; tell whether it does, or has ended."""
    deadline = time.monotonic() + TIMEOUT
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT).close()
        except OSError:  # noqa: PERF203 - it is waited for
            assert time.monotonic() < deadline, "the server takes no connection"
            time.sleep(0.02)  # between two looks at the condition
        else:
            return True
    return False
