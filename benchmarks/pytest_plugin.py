"""What the pytest plugin costs a run that asks nothing of it.

    python benchmarks/pytest_plugin.py [--tests N] [--runs N]

Runs of pytest on a file of empty tests, with the plugin and without it in turn, in new processes. Printed are medians
of the wall-clock time and of the processor time, and the ratio. No other plugin is loaded.
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=int, default=2000, help="how many tests the file has (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=15, help="how many runs of each kind (default: %(default)s)")
    options = parser.parse_args()
    times: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    with tempfile.TemporaryDirectory() as directory:
        tests = "".join(f"def test_{number}():\n    pass\n\n\n" for number in range(options.tests))
        Path(directory, "test_empty.py").write_text(tests, encoding="utf-8")
        for is_loaded in (False, True):
            run(directory, is_loaded=is_loaded)  # writes the bytecode
        for turn in range(options.runs):
            for is_loaded in (bool(turn % 2), not turn % 2):
                times[is_loaded].append(run(directory, is_loaded=is_loaded))
    print(f"Python {platform.python_version()}, pytest {pytest.__version__}, {options.tests} empty tests")
    print(f"medians of {options.runs} runs  wall clock  processor")
    without, loaded = ([statistics.median(each) for each in zip(*times[kind], strict=True)] for kind in (False, True))
    for title, medians in (("without the plugin", without), ("with it, inert", loaded)):
        print(f"{title:19}  {medians[0]:8.3f} s  {medians[1]:7.3f} s")
    wall, processor = (after / before - 1 for before, after in zip(without, loaded, strict=True))
    print(f"{'more':19}  {wall:10.1%}  {processor:9.1%}   (limit: 2 %)")


def run(directory: str, *, is_loaded: bool) -> tuple[float, float]:
    """Run pytest; return the seconds that it took, and those that it kept a processor busy."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(["-p", PLUGIN] if is_loaded else [])]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
