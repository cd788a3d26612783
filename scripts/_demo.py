"""Create a project, serve it under Uvicorn, send requests, and compare the responses with what is expected."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
HATCH = "GINGER_ALLOW_ASYNC_UNSAFE"
STOPPED = "SynchronousOnlyOperation"
LOG = "uvicorn.log"
TIMEOUT = 30  # seconds for a response, and for the end of the server


@dataclass
class Response:
    """A response of the server."""

    status: int
    text: str

    def summary(self) -> str:
        """Return the response in a few words."""
        if self.status != HTTPStatus.OK:
            return "stopped" if "from an async context" in self.text else f"failed with status {self.status}"
        body = json.loads(self.text)
        parts = [f"works: {len(body['books'])} books"]
        if "thread" in body:
            parts.append(f"read in {body['thread']}")
        if "granted" in body:
            parts.append(f"granted, for {body['granted']} calls")
        return ", ".join(parts)


@dataclass
class Case:
    """A request, and the expected start of its response's summary."""

    request: str
    path: str
    expected: str
    hatch: str | None = None


CASES = [
    Case("a sync view queries sqlite", "/books", "works: 3 books, read in leased thread"),
    Case("an async endpoint calls the marked function directly", "/async/direct", "stopped"),
    Case("… through sync_to_async", "/async/in-thread", "works: 3 books"),
    Case("… inside a grant", "/async/granted", "works: 3 books, granted"),
    Case(f"… directly, with {HATCH}=1", "/async/direct", "works: 3 books", hatch="1"),
    Case(f"… directly, with {HATCH}=0", "/async/direct", "stopped", hatch="0"),
]


def main() -> int:
    """Run the demo and return its exit code."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__, allow_abbrev=False)
    parser.add_argument("--serve", action="store_true", help="leave the server running until Ctrl-C")
    serve = parser.parse_args().serve
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that finally blocks stop the server and clean up
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    with tempfile.TemporaryDirectory(prefix="ginger-async-safe-demo-") as directory:
        create_project(Path(directory))
        console.print("[bold]ginger-async-safe startproject bookshop[/], served by Uvicorn:\n")
        results = send_all(Path(directory))
        is_as_expected = report(console, results, Path(directory))
        if serve:
            leave_running(console, Path(directory))
    return 0 if is_as_expected else 1


def create_project(directory: Path) -> None:
    """Create the project like a user would, and wrap it in middleware with async endpoints, where its comment says."""
    command = [sys.executable, "-m", "ginger_async_safe", "startproject", "bookshop", str(directory)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.copy(ROOT / "examples" / "async_endpoints.py", directory / "bookshop")
    with (directory / "bookshop" / "asgi.py").open("a", encoding="utf-8") as file:
        file.write(
            "\nfrom bookshop.async_endpoints import AsyncEndpoints  # noqa: E402\n\n"
            "application = AsyncEndpoints(application)\n"
        )


def send_all(directory: Path) -> list[tuple[Case, Response]]:
    """Send all requests; each value of the escape hatch needs a server of its own."""
    results = []
    for hatch in dict.fromkeys(case.hatch for case in CASES):
        with server(directory, hatch) as url:
            results += [(case, fetch(url + case.path)) for case in CASES if case.hatch == hatch]
    return results


@contextlib.contextmanager
def server(directory: Path, hatch: str | None = None) -> Iterator[str]:
    """Run Uvicorn on a free port of 127.0.0.1 and yield its address.

    The socket listens before Uvicorn gets it, so requests wait for the server, and the port is not guessed.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GINGER_")}
    if hatch is not None:
        environment[HATCH] = hatch
    log = directory / LOG
    with socket.create_server(("127.0.0.1", 0)) as listening, log.open("w", encoding="utf-8") as output:
        number = listening.fileno()
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "--fd",
            str(number),
            "--log-level",
            "error",
            "bookshop.asgi:application",
        ]
        process = subprocess.Popen(command, cwd=directory, env=environment, pass_fds=[number], stderr=output)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            process.terminate()
            process.wait(TIMEOUT)


def fetch(url: str) -> Response:
    """Send a GET request and return the response, whatever its status."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as response:  # noqa: S310 - an HTTP address of this machine
            return Response(response.status, response.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Response(error.code, error.read().decode())


def report(console: Console, results: list[tuple[Case, Response]], directory: Path) -> bool:
    """Print the results as a table, and the error as a user gets it; return whether all are as expected."""
    table = Table("request", "expected", "actual")
    successes = [response.summary().startswith(case.expected) for case, response in results]
    for (case, response), is_success in zip(results, successes, strict=True):
        color = "green" if is_success else "red"
        table.add_row(escape(case.request), escape(case.expected), f"[{color}]{escape(response.summary())}[/]")
    console.print(table)
    error = next(response.text for case, response in results if case.path == "/async/direct")
    console.print("\nThe full error of the second request:\n")
    console.print(f"{STOPPED}: {error}", markup=False, soft_wrap=True)
    is_complete = all(
        label in error for label in ("at        bookshop/async_endpoints.py:", "fix       await sync_to_async(")
    )
    if all(successes) and is_complete:
        console.print("\n[green]All results are as expected.[/]")
        return True
    console.print("\n[red]Not all results are as expected.[/] The log of the last server:")
    console.print((directory / LOG).read_text(encoding="utf-8"), markup=False)
    return False


def leave_running(console: Console, directory: Path) -> None:
    """Serve until the user presses Ctrl-C."""
    with server(directory) as url:
        console.print(f"\nThe server is running. Open {url}/ for the shop, and {url}/async/direct for an error.")
        console.print("Press Ctrl-C to stop it.")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    sys.exit(main())
