"""How long others wait beside 200 clients that make no progress, and beside 64 requests that sleep half a second.

python benchmarks/slow_clients.py [--servers …] [--probes N]

Run it where the test suite's dependencies are installed (``scripts/test`` creates such an environment). Each server
serves one crowd of clients after the other. It prints, in milliseconds, how long the first other request took, which
comes right after the crowd; the median and the longest of those that follow, while the crowd stalls; and threads, files
and memory before, with the crowd, and after it has disconnected. Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from _servers import serving
from _slow_clients import APPLICATION, Kind, crowd, files, memory, threads

if TYPE_CHECKING:
    from _servers import Server

SERVERS = {
    "uvicorn-h11": ("1.1", ["--http", "h11"]),
    "uvicorn-httptools": ("1.1", ["--http", "httptools"]),
    "hypercorn": ("1.1", ["--backlog", "1000", "--keep-alive", "1"]),
    "hypercorn-http2": ("2", ["--keep-alive", "1"]),
    "granian": ("1.1", []),
}
CHUNKS = {"1.1": "1000", "2": "32"}  # Hypercorn keeps in memory what it cannot send of a stalled stream
AFTERWARDS = 20  # seconds in which threads and files have to be as many as before


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", nargs="+", default=list(SERVERS), choices=SERVERS, metavar="NAME")
    parser.add_argument(
        "--probes", type=int, default=50, help="other requests beside each crowd (default: %(default)s)"
    )
    options = parser.parse_args()
    print("| server | crowd | first | median | longest | threads | files | MiB |")
    print("|---|---|---|---|---|---|---|---|")
    for name in options.servers:
        version, arguments = SERVERS[name]
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "slow.py").write_text(APPLICATION, encoding="utf-8")
            command = name.partition("-")[0]
            with serving(
                command, "slow:application", Path(directory), options=arguments, CHUNKS=CHUNKS[version]
            ) as server:
                for kind in Kind:
                    measure(server, name, kind, version, options.probes)


def measure(server: Server, name: str, kind: Kind, version: str, probes: int) -> None:
    """Print one row."""
    server.fetch("/hello")
    time.sleep(1)  # its thread has ended
    before = counts(server)
    with crowd(server, kind, version="1.1" if kind is Kind.SLEEPING else version):
        first, *others = (seconds(server) for _ in range(probes))
        beside = counts(server)
    deadline = time.monotonic() + AFTERWARDS
    with contextlib.suppress(TimeoutError):
        while any(now > then for now, then in zip(counts(server)[:2], before[:2], strict=True)):
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.05)  # between two checks
    after = counts(server)
    changes = (" → ".join(f"{each:.0f}" for each in column) for column in zip(before, beside, after, strict=True))
    times = (first, statistics.median(others), max(others))
    print(
        f"| {name} | {kind.value} |", " | ".join([*(f"{1000 * each:.0f}" for each in times), *changes]), "|", flush=True
    )


def counts(server: Server) -> tuple[float, float, float]:
    """Return the server's threads, files and memory."""
    return threads(server), files(server), memory(server)


def seconds(server: Server) -> float:
    """Return how long a request takes, in seconds."""
    began = time.perf_counter()
    server.fetch("/hello")
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
