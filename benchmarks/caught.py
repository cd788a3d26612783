"""How many blocking calls the guards detect, and how many other calls they report: ours, blockbuster's and aiocop's.

python benchmarks/caught.py [--guards NAME …] [--loops LOOP …]

Each of the small programs in ``tests/corpus`` runs under each guard, on each event loop that it is for, in its own
process. ``python -m corpus.run``, in ``tests``, does the same for one guard, and lists what was not detected. Programs
whose drivers are not installed or whose services are not available are skipped; ``pip install --group clients``
installs the drivers.
"""

from __future__ import annotations

import argparse
import platform
import sys
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from corpus.run import run_all
from corpus.scenario import ALL_LOOPS
from corpus.table import table

GUARDS = ("ours", "blockbuster", "aiocop")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guards", nargs="+", choices=GUARDS, default=GUARDS)
    parser.add_argument("--loops", nargs="+", choices=ALL_LOOPS, default=ALL_LOOPS)
    options = parser.parse_args()
    for guard in options.guards:
        if guard != "ours" and find_spec(guard) is None:
            print(f"{guard} is not installed")
            continue
        results, skipped = run_all(guard, tuple(options.loops))
        print(f"{guard}, on Python {platform.python_version()} ({len(skipped)} runs left out)")
        print(table(results), flush=True)


if __name__ == "__main__":
    main()
