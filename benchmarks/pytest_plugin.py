"""What the pytest plugin costs a run without its options.

python benchmarks/pytest_plugin.py [--tests N] [--rounds N]

Each round runs pytest on a file of empty tests three times, in new processes and in changing order: without the plugin,
with it, and without it again. The time of each run is divided by that of the round's first kind, so that both are
affected by what else the machine does; the third kind shows how much such a ratio varies on this machine. It prints
medians over all rounds. No other plugin is loaded.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

PLUGIN = "ginger_async_safe.pytest_plugin"
KINDS = ("without the plugin", "with it, inert", "without it, again")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=int, default=2000, help="how many tests the file has (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=21, help="how many rounds (default: %(default)s)")
    options = parser.parse_args()
    times: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as directory:
        tests = "".join(f"def test_{number}():\n    pass\n\n\n" for number in range(options.tests))
        Path(directory, "test_empty.py").write_text(tests, encoding="utf-8")
        for kind in KINDS:
            run(directory, kind)  # writes the bytecode
        for turn in range(options.rounds):
            first = turn % len(KINDS)
            for kind in (*KINDS[first:], *KINDS[:first]):
                times[kind].append(run(directory, kind))
    print(f"Python {platform.python_version()}, pytest {pytest.__version__}, {options.tests} empty tests")
    print(f"medians of {options.rounds} rounds  wall clock     more  processor     more")
    for kind in KINDS:
        cells = []
        for column in (0, 1):
            seconds = [each[column] for each in times[kind]]
            more = [after / before[column] - 1 for after, before in zip(seconds, times[KINDS[0]], strict=True)]
            cells.append(f"{statistics.median(seconds):8.3f} s  {statistics.median(more):7.1%}")
        print(f"{kind:20}  {'  '.join(cells)}")
    print("limit for the inert plugin: 2 %")


def run(directory: str, kind: str) -> tuple[float, float]:
    """Run pytest; return the seconds that it took, and the seconds of processor time."""
    plugin = ["-p", PLUGIN] if kind == KINDS[1] else []
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
