"""What the check finds, compared with ruff and hydroid: in the corpus, and in well-known packages.

python benchmarks/static_check.py [--tools NAME …] [--packages NAME …] [--corpus] [--sample N] [--seed S]

The packages are downloaded as wheels into a temporary folder, or into ``--into FOLDER``, and unpacked, not installed.
Each tool reads each of them in its own process; its time is the processor time, its memory the peak. ``--corpus``
counts what each tool finds in ``tests/lint_corpus``, by line: each line that blocks has to be found, and no others.
``--sample`` prints some of our findings, each with another cause, to be judged by hand; the seed selects them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from lint_corpus.cases import load_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lint_corpus.cases import Case

PACKAGES = ("starlette", "fastapi", "django", "ginger-dj", "litestar", "aiohttp", "mcp", "prefect")
MOST_MEMORY = 400  # megabytes
FASTEST_LINES = 20_000  # a second

Place = tuple[str, int]


class Measured(NamedTuple):
    """What a command printed, and what it used.

    Attributes:
        output: What it printed.
        seconds: The time of the processor.
        megabytes: The most memory that it held.
    """

    output: str
    seconds: float
    megabytes: float


class Run(NamedTuple):
    """The result of one tool for one folder.

    Attributes:
        places: The files and lines that it reports.
        seconds: Its processor time.
        megabytes: Its peak memory.
    """

    places: set[Place]
    seconds: float
    megabytes: float


def _ours(folder: Path) -> tuple[list[str], Callable[[str], set[Place]]]:
    def places(output: str) -> set[Place]:
        chains = [finding["chain"][0] for finding in json.loads(output)["findings"]]
        return {(str((folder / first["path"]).resolve()), first["line"]) for first in chains}

    command = [sys.executable, "-m", "ginger_async_safe", "check", "--no-cache", "--format", "json", "."]
    return command, places


def _ruff(_: Path) -> tuple[list[str], Callable[[str], set[Place]]]:
    def places(output: str) -> set[Place]:
        return {(each["filename"], each["location"]["row"]) for each in json.loads(output)}

    select = "ASYNC210,ASYNC212,ASYNC220,ASYNC221,ASYNC222,ASYNC230,ASYNC240,ASYNC250,ASYNC251"
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--preview", "--select", select]
    return [*command, "--output-format", "json", "."], places


def _hydroid(folder: Path) -> tuple[list[str], Callable[[str], set[Place]]]:
    def places(output: str) -> set[Place]:
        chains = [each["chain"] for each in json.loads(output)["diagnostics"]]
        firsts = [chain[0]["location"] for chain in chains]
        return {(str((folder / first["path"]).resolve()), first["line"]) for first in firsts}

    return [str(Path(sys.executable).with_name("hydroid")), "--no-cache", "--format", "json", "."], places


TOOLS = {"ours": _ours, "ruff": _ruff, "hydroid": _hydroid}


def run(tool: str, folder: Path) -> Run:
    """Run a tool on a folder."""
    command, places = TOOLS[tool](folder)
    done = measured(command, folder)
    return Run(places(done.output), done.seconds, done.megabytes)


def measured(command: list[str], folder: Path) -> Measured:
    """Run a command in a folder."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return Measured(output.read(), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def main() -> None:
    """Run the benchmark, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--packages", nargs="*", default=PACKAGES)
    parser.add_argument("--into", type=Path, help="where wheels are kept for the next time")
    parser.add_argument("--corpus", action="store_true", help="count what is found in the corpus, and nothing else")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="print N findings to judge")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    print(f"Python {platform.python_version()}")
    if args.corpus:
        for tool in args.tools:
            print(_scored(tool), flush=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        sources = _unpacked(args.packages, args.into or Path(folder))
        if args.sample:
            _print_sample(sources, args.sample, args.seed)
        else:
            _print_table(sources, args.tools)


def _unpacked(packages: Sequence[str], into: Path) -> dict[str, Path]:
    """Download the wheels of packages, and return the folders into which they are unpacked."""
    sources = {}
    for package in packages:
        wheels = into / "wheels" / package
        if not list(wheels.glob("*.whl")):
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
            subprocess.run([*command, "--dest", str(wheels), package], check=True, stderr=subprocess.DEVNULL)
        (wheel,) = wheels.glob("*.whl")
        sources[f"{package} {wheel.name.split('-')[1]}"] = into / "sources" / package
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(into / "sources" / package)
    return sources


def _print_table(sources: dict[str, Path], tools: Sequence[str]) -> None:
    print(f"{'package':24} {'lines':>8}  " + "  ".join(f"{tool:>24}" for tool in tools))
    print(f"{'':24} {'':>8}  " + "  ".join(f"{'places':>8} {'s':>7} {'MB':>7}" for _ in tools))
    totals: Counter[str] = Counter()
    for name, folder in sources.items():
        lines = sum(path.read_bytes().count(b"\n") for path in folder.rglob("*.py"))
        totals["lines"] += lines
        cells = []
        for tool in tools:
            done = run(tool, folder)
            totals[f"{tool} s"] += round(done.seconds * 1000)
            cells.append(f"{len(done.places):8} {done.seconds:7.2f} {done.megabytes:7.0f}")
        print(f"{name:24} {lines:8}  " + "  ".join(cells), flush=True)
    speeds = [f"{totals['lines'] / totals[f'{tool} s']:8.1f} thousand lines/s" for tool in tools]
    print(f"{'all':24} {totals['lines']:8}  " + "  ".join(f"{speed:>24}" for speed in speeds))
    print(
        f"The goal: at least {FASTEST_LINES / 1000:.0f} thousand lines a second, under {MOST_MEMORY} MB for 200,000 lines"
    )


def _print_sample(sources: dict[str, Path], count: int, seed: int) -> None:
    """Print some findings, each with another cause: the line that makes the blocking call."""
    by_cause: dict[tuple[str, str, int], list[tuple[str, dict[str, Any]]]] = {}
    for name, folder in sources.items():
        command, _ = _ours(folder)
        output = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False).stdout
        for finding in json.loads(output)["findings"]:
            last = finding["chain"][-1]
            by_cause.setdefault((name, last["path"], last["line"]), []).append((name, finding))
    generator = random.Random(seed)  # noqa: S311 - not for secrets
    causes = sorted(by_cause)
    print(f"{sum(map(len, by_cause.values()))} findings of {len(causes)} causes")
    for number, cause in enumerate(generator.sample(causes, min(count, len(causes))), 1):
        name, finding = generator.choice(by_cause[cause])
        print(f"\n{number}. {finding['rule']}, {name}")
        for step in finding["chain"]:
            print(f"   {step['path']}:{step['line']} in {step['function']}: {step['call']}")


def _scored(tool: str) -> str:
    """Return how much of what blocks in the corpus a tool finds, and how much of what it finds blocks."""
    kinds: dict[str, list[int]] = {name: [0, 0] for name in ("all", "marked", "orm")}
    wrong = 0
    for case in load_cases():
        expected = {(str(case.folder / each.file), each.line): _kind(each.ids) for each in case.expected}
        found = _found_in(tool, case)
        wrong += len(found - expected.keys())
        for place, kind in expected.items():
            for name in {"all", kind} & kinds.keys():
                kinds[name][0] += place in found
                kinds[name][1] += 1
    right = kinds["all"][0]
    shares = ", ".join(f"{name} {hit / total:.1%} of {total}" for name, (hit, total) in kinds.items())
    return f"{tool:8} finds {shares}; precision {right / max(right + wrong, 1):.1%}, {wrong} false"


def _kind(ids: frozenset[str]) -> str:
    return next(iter(ids)).partition(":")[0]


def _found_in(tool: str, case: Case) -> set[Place]:
    if case.path.is_dir():
        return {(os.path.realpath(file), line) for file, line in run(tool, case.path).places}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, case.path.name)
        copy.write_bytes(case.path.read_bytes())
        return {(str(case.path), line) for _, line in run(tool, Path(folder)).places}


if __name__ == "__main__":
    main()
