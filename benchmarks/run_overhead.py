"""What ``ginger-async-safe run`` costs a server under load, whose application does not block its loop.

python benchmarks/run_overhead.py [--rounds N] [--seconds S] [--only SETUP …] [--python FILE]

Creates an environment with uvicorn, starts it once without and once under ``ginger-async-safe run``, and sends requests
to both with wrk, in turn. It prints the medians over all rounds: requests a second, their ratio in the same round, and
the ratio of processor time per request. On a machine with other work, look at the latter. "Nothing" compares two
servers of the same kind. wrk has to be installed (Debian's package wrk).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["uvicorn", "h11", "httptools", "uvloop"]
SETUPS = [f"{http} {loop}" for http in ("h11", "httptools") for loop in ("asyncio", "uvloop")]
CONNECTIONS = 32
LIMIT = 1.05
WAIT = 60  # seconds for a server to respond
TICK = os.sysconf("SC_CLK_TCK")
APPLICATION = """
import asyncio, json

async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    await receive()
    await asyncio.sleep(0)
    body = json.dumps({"book": "Kindred", "stock": [1, 2, 3]}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
"""


class Taken(NamedTuple):
    """The measurements of one load.

    Attributes:
        rate: Requests a second.
        each: Seconds of processor time for a request.
    """

    rate: float
    each: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11, help="how many rounds (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=3, help="how long each load lasts (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=SETUPS, default=SETUPS, help="the servers (default: all)")
    parser.add_argument("--python", help="an interpreter that has all that is needed (default: a new environment)")
    parser.add_argument("--nothing", action="store_true", help="compare two servers without the guard")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed; on Debian: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        python = arguments.python or new_environment(Path(folder))
        Path(folder, "shop.py").write_text(APPLICATION, encoding="utf-8")
        print(f"{version(python)}, medians of {arguments.rounds} rounds of {arguments.seconds} s")
        print(f"{'':18}  {'plain/s':>9}  {'guarded/s':>9}  {'plain/guarded':>13}  {'CPU a request':>13}  limit {LIMIT}")
        for setup in arguments.only:
            report(setup, list(rounds(python, folder, setup, arguments)))


def new_environment(folder: Path) -> str:
    """Create an environment with this library and the server; return its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = str(folder / "venv" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--editable", str(ROOT), *PACKAGES], check=True)
    return python


def version(python: str) -> str:
    """Return the version of an interpreter."""
    return subprocess.run([python, "--version"], capture_output=True, check=True, text=True).stdout.strip()


def rounds(python: str, folder: str, setup: str, arguments: argparse.Namespace) -> Iterator[tuple[Taken, Taken]]:
    """Yield the measurements of each round, without the guard and with it."""
    run = [] if arguments.nothing else ["-m", "ginger_async_safe", "run", "--"]
    with serving([python, "-m", "uvicorn"], folder, setup) as plain:
        guarded = [python, *run, "uvicorn"] if run else [python, "-m", "uvicorn"]
        with serving(guarded, folder, setup) as under:
            for each in (plain, under):
                load(*each, 1)
            for turn in range(arguments.rounds):
                order = (plain, under) if turn % 2 else (under, plain)
                taken = {each: load(*each, arguments.seconds) for each in order}
                yield taken[plain], taken[under]


@contextlib.contextmanager
def serving(command: list[str], folder: str, setup: str) -> Iterator[tuple[int, int]]:
    """Start a server; yield its port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    http, loop = setup.split()
    options = ["--http", http, "--loop", loop, "--port", str(port), "--no-access-log", "--log-level", "warning"]
    server = subprocess.Popen([*command, "shop:application", *options], cwd=folder)
    try:
        wait_for(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int) -> None:
    """Wait until a server responds."""
    deadline = time.monotonic() + WAIT
    while True:
        with contextlib.suppress(urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()
            return
        if time.monotonic() > deadline:
            sys.exit("the server does not answer")
        time.sleep(0.1)


def load(port: int, pid: int, seconds: int) -> Taken:
    """Send requests to a server for some seconds."""
    before = processor_time(pid)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"http://127.0.0.1:{port}/"]
    output = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    found = re.search(r"(\d+) requests in ([\d.]+)s", output)
    if found is None or "Non-2xx" in output:
        sys.exit(f"the server does not answer:\n{output}")
    requests, took = int(found[1]), float(found[2])
    return Taken(requests / took, (processor_time(pid) - before) / requests)


def processor_time(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def report(setup: str, taken: list[tuple[Taken, Taken]]) -> None:
    """Print the medians of all rounds."""
    plain = statistics.median(each.rate for each, _ in taken)
    under = statistics.median(each.rate for _, each in taken)
    rate = statistics.median(one.rate / other.rate for one, other in taken)
    processor = statistics.median(other.each / one.each for one, other in taken)
    print(f"{setup:18}  {plain:9.0f}  {under:9.0f}  {rate:12.3f}x  {processor:12.3f}x", flush=True)


if __name__ == "__main__":
    main()
