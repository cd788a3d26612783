"""How long this library takes to import, in addition to asgiref, which it depends on.

python benchmarks/import_time.py [--runs N]

Each run is a new interpreter, which imports first asgiref and then this library. Medians are printed. Install the
library for this, so that its bytecode exists, as it does for users.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import tempfile

PROGRAM = """
import time
start = time.perf_counter()
import asgiref.sync
between = time.perf_counter()
import ginger_async_safe
print(between - start, time.perf_counter() - between)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=31, help="how many interpreters to start (default: %(default)s)")
    runs = [run() for _ in range(parser.parse_args().runs)]
    asgiref, ours = (statistics.median(times) * 1000 for times in zip(*runs, strict=True))
    print(f"{platform.python_implementation()} {platform.python_version()}, medians of {len(runs)} runs")
    print(f"asgiref.sync       {asgiref:6.1f} ms")
    print(f"ginger_async_safe  {ours:6.1f} ms beyond it, {ours / asgiref:.2f} of it (limit: 30 ms)")


def run() -> tuple[float, float]:
    """Import both in a new interpreter and return the seconds that each took."""
    with tempfile.TemporaryDirectory() as elsewhere:  # not this tree, whose bytecode may not be writable
        output = subprocess.run(
            [sys.executable, "-c", PROGRAM], cwd=elsewhere, check=True, capture_output=True, text=True
        )
    first, second = map(float, output.stdout.split())
    return first, second


if __name__ == "__main__":
    main()
