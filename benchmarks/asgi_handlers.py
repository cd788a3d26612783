"""Requests a second of ASGIHandler, LeasedThreads and a framework's application, compared with other packages.

python benchmarks/asgi_handlers.py [--rounds N] [--seconds S] [--json FILE] [--routes …] [--connections …]

Creates an environment with the other packages, starts each of them under Uvicorn with uvloop and httptools (gunicorn's
gthread, the plain WSGI reference, under gunicorn), and sends requests to them with wrk, in turn, over several rounds.
It prints the medians of the rounds: requests a second, the ratio of ours to each other package's in the same round,
latencies, and the peak of memory. wrk has to be installed (Debian's package wrk).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PEERS = [
    "a2wsgi",
    "asgiref",
    "django",
    "ginger-dj",
    "gunicorn",
    "httptools",
    "hypercorn",
    "starlette",
    "uvicorn",
    "uvloop",
]
ROUTES = ["/hello", "/sleep10", "/json", "/upload", "/stream", "/orm"]
CONNECTIONS = [1, 16, 64, 256]
BRIDGES = ["ours", "ours-asgiref", "uvicorn", "a2wsgi", "starlette", "asgiref", "hypercorn", "gunicorn", "floor"]
PROJECTS = [f"{package}-{how}" for package in ("gingerdj", "django") for how in ("own", "wsgi", "leased", "mixed")]
THREADS = 16
SLEEPERS = 64
UPLOAD = 'wrk.method = "POST"\nwrk.body = string.rep("x", 1048576)\n'
WAIT = 30  # seconds for a server to respond


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=3, help="how long wrk runs each time (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="also write the results there")
    parser.add_argument(
        "--routes", nargs="+", default=ROUTES, metavar="ROUTE", help="/async too, which only the projects have"
    )
    parser.add_argument("--connections", nargs="+", type=int, default=CONNECTIONS, metavar="N")
    parser.add_argument("--contenders", nargs="+", default=BRIDGES + PROJECTS, metavar="NAME")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed; on Debian: apt-get install wrk")
    python = environment()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, {version(python)}, {THREADS} threads, "
        f"{options.rounds} rounds of {options.seconds} s",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as servers:
        database = Path(directory) / "bench.sqlite3"
        make_database(database)
        script = Path(directory) / "upload.lua"
        script.write_text(UPLOAD, encoding="ascii")
        running = {name: servers.enter_context(serving(python, name, database)) for name in options.contenders}
        results = [
            row
            for route in options.routes
            for connections in options.connections
            for row in measure(running, route, connections, options, {"/upload": script})
        ]
        gaps = longest_gaps(running, options.rounds, options.seconds)
        memory = {name: peak_memory(pid) for name, (_, pid) in running.items()}
    print("\npeak memory, MiB: " + ", ".join(f"{name} {size:.0f}" for name, size in memory.items()))
    print(
        f"longest gap of the loop, ms, {SLEEPERS} requests asleep: "
        + ", ".join(f"{n} {g:.0f}" for n, g in gaps.items())
    )
    if options.json:
        measured = {"results": results, "memory": memory, "gaps": gaps}
        options.json.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


def environment() -> Path:
    """Create the environment of the other packages, and return its interpreter."""
    directory = ROOT / ".venvs" / f"peers-{sys.version_info[0]}.{sys.version_info[1]}"
    python = directory / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", directory], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--editable", ROOT, *PEERS], check=True)
    return python


def version(python: Path) -> str:
    """Return the versions of what is measured."""
    code = (
        "import platform; from importlib.metadata import version; "
        f"print('Python', platform.python_version(), *(f'{{name}} {{version(name)}}' for name in {PEERS!r}))"
    )
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def make_database(path: Path) -> None:
    """Create a table of ten books."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT)")
        connection.executemany("INSERT INTO book (title) VALUES (?)", [(f"Book {n}",) for n in range(10)])


@contextlib.contextmanager
def serving(python: Path, name: str, database: Path) -> Iterator[tuple[int, int]]:
    """Start the server of a contender, and yield its port and process id."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    if name == "gunicorn":
        arguments = ["gunicorn", "--worker-class", "gthread", "--threads", str(THREADS), "--keep-alive", "75"]
        arguments += ["--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    else:
        arguments = ["uvicorn", "--loop", "uvloop", "--http", "httptools", "--port", str(port)]
        arguments += ["--log-level", "critical", "--no-access-log"]
    variables = {"CONTENDER": name, "DATABASE": str(database), "THREADS": str(THREADS), "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        [python, "-m", *arguments, "_asgi_applications:application"],
        cwd=Path(__file__).parent,
        env={**os.environ, **variables},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/hello", process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server responds."""
    deadline = time.monotonic() + WAIT
    while True:
        try:
            fetch(url)
        except OSError:  # noqa: PERF203 - it is waited for
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"a server does not answer: {process.args!r}")
            time.sleep(0.05)  # between two tries
        else:
            return


def measure(
    running: dict[str, tuple[int, int]],
    route: str,
    connections: int,
    options: argparse.Namespace,
    scripts: dict[str, Path],
) -> list[dict[str, Any]]:
    """Measure every contender in turn, print a table, and return its rows."""
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in running}
    for turn in range(options.rounds):
        names = list(running)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            rounds[name].append(drive(running[name][0], route, connections, options.seconds, scripts.get(route)))
    print(
        f"\n{route}, {connections} connections\n{'':18}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'ours is':>10}{'errors':>8}"
    )
    rows = []
    for name, measured in rounds.items():
        base = {"django": "django-mixed", "gingerdj": "gingerdj-mixed"}.get(name.partition("-")[0], "ours")
        ratios = [
            ours["rate"] / max(its["rate"], 0.1) for ours, its in zip(rounds.get(base, measured), measured, strict=True)
        ]
        row = {key: statistics.median(each[key] for each in measured) for key in ("rate", "p50", "p99", "errors")}
        rows.append(
            {"route": route, "connections": connections, "name": name, "ratio": statistics.median(ratios), **row}
        )
        ratio = "" if name == base else f"{rows[-1]['ratio']:.2f} x"
        print(
            f"{name:18}{row['rate']:8.0f}{row['p50']:9.2f}{row['p99']:9.2f}{ratio:>10}{row['errors']:8.0f}", flush=True
        )
    return rows


def longest_gaps(running: dict[str, tuple[int, int]], rounds: int, seconds: int) -> dict[str, float]:
    """Return for each contender the median of its loop's longest gaps, in milliseconds, under sleeping requests."""
    gaps: dict[str, list[float]] = {name: [] for name in running if name != "gunicorn"}
    for _ in range(rounds):
        for name, longest in gaps.items():
            url = f"http://127.0.0.1:{running[name][0]}"
            fetch(f"{url}/watch")
            drive(running[name][0], "/sleep10", SLEEPERS, seconds, None)
            longest.append(float(fetch(f"{url}/gap")))
    return {name: statistics.median(longest) for name, longest in gaps.items()}


def fetch(url: str) -> bytes:
    """Return the body of a response."""
    with urllib.request.urlopen(url, timeout=WAIT) as response:  # noqa: S310 - an HTTP address of this machine
        answer: bytes = response.read()
    return answer


def drive(port: int, route: str, connections: int, seconds: int, script: Path | None) -> dict[str, float]:
    """Run wrk once; return requests a second, latencies in milliseconds, and failed requests."""
    scripted = ["--script", str(script)] if script else []
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", str(seconds), "--latency"]
    output = subprocess.run(
        [*command, *scripted, f"http://127.0.0.1:{port}{route}"], check=True, capture_output=True, text=True
    ).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    errors = re.findall(r"(?:connect|read|write|timeout) (\d+)", output)
    return {
        "rate": float(found(r"Requests/sec:\s+([\d.]+)", output)),
        "p50": milliseconds(found(r"^ +50% +(\S+) *$", output)),
        "p99": milliseconds(found(r"^ +99% +(\S+) *$", output)),
        "errors": sum(map(int, errors)) + (int(failed[1]) if failed else 0),
    }


def found(pattern: str, output: str) -> str:
    """Return what a pattern matches in wrk's output."""
    match = re.search(pattern, output, re.MULTILINE)
    if match is None:
        sys.exit(f"wrk printed no {pattern!r}:\n{output}")
    return match[1]


def milliseconds(text: str) -> float:
    """Convert a time as wrk prints it to milliseconds."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


def peak_memory(pid: int) -> float:
    """Return the peak memory of a process, in MiB; for gunicorn, that of its worker."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    pids = [pid, *map(int, children)]
    peaks = [re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{each}/status").read_text(encoding="ascii")) for each in pids]
    return max(int(peak[1]) for peak in peaks if peak) / 1024


if __name__ == "__main__":
    main()
