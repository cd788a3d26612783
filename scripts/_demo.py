"""Make a project, serve it under Uvicorn, ask it in every way, and tell what happened."""

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
TIMEOUT = 30  # seconds; a server that has not answered by then never will


@dataclass
class Answer:
    """What the server answered."""

    status: int
    text: str

    def told(self) -> str:
        """Return the answer in a few words."""
        if self.status != HTTPStatus.OK:
            return "stopped" if "from an async context" in self.text else f"failed with status {self.status}"
        answer = json.loads(self.text)
        parts = [f"works: {len(answer['books'])} books"]
        if "thread" in answer:
            parts.append(f"read in {answer['thread']}")
        if "granted" in answer:
            parts.append(f"granted, for {answer['granted']} calls")
        return ", ".join(parts)


@dataclass
class Case:
    """One way to ask, and how the answer has to begin."""

    what: str
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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is ended, and the project removed
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    with tempfile.TemporaryDirectory(prefix="ginger-async-safe-demo-") as directory:
        make_project(Path(directory))
        console.print("[bold]ginger-async-safe startproject bookshop[/], served by a real Uvicorn:\n")
        answers = ask_all(Path(directory))
        is_right = tell(console, answers, Path(directory))
        if serve:
            leave_running(console, Path(directory))
    return 0 if is_right else 1


def make_project(directory: Path) -> None:
    """Make the project as a user would, and put async endpoints in front of it as its comment says."""
    command = [sys.executable, "-m", "ginger_async_safe", "startproject", "bookshop", str(directory)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.copy(ROOT / "examples" / "async_endpoints.py", directory / "bookshop")
    with (directory / "bookshop" / "asgi.py").open("a", encoding="utf-8") as file:
        file.write(
            "\nfrom bookshop.async_endpoints import AsyncEndpoints  # noqa: E402\n\n"
            "application = AsyncEndpoints(application)\n"
        )


def ask_all(directory: Path) -> list[tuple[Case, Answer]]:
    """Ask in every way; each setting of the hatch is a server of its own."""
    answers = []
    for hatch in dict.fromkeys(case.hatch for case in CASES):
        with server(directory, hatch) as url:
            answers += [(case, fetch(url + case.path)) for case in CASES if case.hatch == hatch]
    return answers


@contextlib.contextmanager
def server(directory: Path, hatch: str | None = None) -> Iterator[str]:
    """Run Uvicorn on a free port of 127.0.0.1 and yield its address.

    The socket listens before Uvicorn has it, so a request waits for the server and no port is guessed.
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


def fetch(url: str) -> Answer:
    """Send a GET request and return the answer, whatever its status."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
            return Answer(response.status, response.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode())


def tell(console: Console, answers: list[tuple[Case, Answer]], directory: Path) -> bool:
    """Print the answers as a table, and the error as a user sees it; return whether all is right."""
    table = Table("what was asked", "what happened", "as it should be")
    rights = [answer.told().startswith(case.expected) for case, answer in answers]
    for (case, answer), is_right in zip(answers, rights, strict=True):
        table.add_row(escape(case.what), escape(answer.told()), "[green]yes[/]" if is_right else "[red]no[/]")
    console.print(table)
    error = next(answer.text for case, answer in answers if case.path == "/async/direct")
    console.print("\nThe error of the second line, whole:\n")
    console.print(f"{STOPPED}: {error}", markup=False, soft_wrap=True)
    complete = all(
        label in error for label in ("made at   bookshop/async_endpoints.py:", "mend      await sync_to_async(")
    )
    if all(rights) and complete:
        console.print("\n[green]All of it is as it should be.[/]")
        return True
    console.print("\n[red]Not all of it is as it should be.[/] The last server's log:")
    console.print((directory / LOG).read_text(encoding="utf-8"), markup=False)
    return False


def leave_running(console: Console, directory: Path) -> None:
    """Serve until the user has seen enough."""
    with server(directory) as url:
        console.print(f"\nThe server runs. Open {url}/ for the shop, and see an error at {url}/async/direct")
        console.print("Ctrl-C ends it.")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    sys.exit(main())
