"""What the check finds in code that nobody here chose, and how much of it is true, beside hydroid in speed.

    python benchmarks/field_check.py [PART …] [--sample N] [--seed S] [--show] [--packages NAME …] [--markdown]

The parts are ``precision``, ``recall`` and ``speed``; all of them where none is named.

*Precision*: the packages of ``field_packages.toml`` are read, and some causes are drawn from all findings: a cause is a rule
with the innermost place of the package's code. The seed is a new one each time, and printed; ``--seed`` draws the same
again. What people judged of causes is in ``field_judgements.toml``. ``--show`` prints the drawn causes that nobody has
judged, each with one of its call chains, and the entry to complete: read the code along the chain, and judge.

*Recall*: ``field_bugs.toml`` has blocking calls in async code that were reported and fixed in public, each with a version
that has it still. A bug counts as found where a finding of its rule passes through the function of the report.

*Speed*: the time of the processor and the most memory, for each package beside hydroid, one after the other.

Packages are downloaded as wheels into ``--into FOLDER``, and unpacked, not installed; what cannot be downloaded is not read,
and the output names it. Run it on the newest Python: a file with newer syntax than that is not read.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from _field_findings import by_cause, has_bug, judged, read_findings, sample
from _field_sources import NotAvailable, unpacked
from _field_tables import TableError, read_bugs, read_judgements, read_packages
from static_check import TOOLS, measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from _field_findings import Cause, Finding, Sampled
    from _field_tables import Bug, Judgement, Package
    from static_check import Measured

TABLES = Path(__file__).parent
PARTS = ("precision", "recall", "speed")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "ginger_async_safe", "field")
LEAST_PRECISION = 0.95
LEAST_RECALL = 0.85
MOST_SHARING = 20  # findings of one false cause
MOST_TIME = 0.8  # of hydroid's
LEAST_SPEED = 15_000  # lines a second, of each package


class Read(NamedTuple):
    """What the tools made of one package.

    Attributes:
        lines: How long it is.
        findings: What the check finds.
        used: What each tool used.
    """

    lines: int
    findings: list[Finding]
    used: dict[str, Measured]


def main() -> None:
    """Run the benchmark, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="precision, recall, speed (default: all)")
    parser.add_argument("--sample", type=int, default=60, metavar="N", help="how many causes to draw (default: 60)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="draw the same again")
    parser.add_argument("--show", action="store_true", help="print the drawn causes that are to be judged")
    parser.add_argument("--packages", nargs="+", metavar="NAME", help="read these packages alone")
    parser.add_argument("--into", type=Path, default=CACHE, metavar="FOLDER", help="where packages are kept")
    parser.add_argument("--markdown", action="store_true", help="print tables for the documentation")
    args = parser.parse_args()
    parts = args.parts or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"unknown part {min(unknown)!r}: write {', '.join(PARTS)}")
    try:
        packages = read_packages(TABLES / "field_packages.toml")
        bugs = read_bugs(TABLES / "field_bugs.toml")
        judgements = read_judgements(TABLES / "field_judgements.toml")
    except TableError as error:
        parser.error(str(error))
    if args.packages:
        packages = [each for each in packages if each.name in args.packages]
        bugs = [each for each in bugs if each.package.name in args.packages]
    print(f"Python {platform.python_version()}", flush=True)
    table = _markdown if args.markdown else _text
    if {"precision", "speed"} & set(parts):
        tools = ("ours", "hydroid") if "speed" in parts else ("ours",)
        read = _read_all(packages, args.into, tools)
        print(table(*packages_table(read, tools)))
        if "speed" in parts:
            print(*speed_lines(read), sep="\n")
        if "precision" in parts:
            causes = by_cause({package: each.findings for package, each in read.items()})
            _print_precision(causes, judgements, args.sample, args.seed, show=args.show)
    if "recall" in parts:
        found = {bug: has_bug(bug, findings) for bug, findings in _read_bugs(bugs, args.into)}
        print("\n" + table(*bugs_table(found)))
        print(recall_line(found))


def _read_all(packages: Iterable[Package], into: Path, tools: Sequence[str]) -> dict[Package, Read]:
    read = {}
    for package in packages:
        try:
            folder = unpacked(package, into)
        except NotAvailable as reason:
            print(f"left out: {reason}", flush=True)
            continue
        lines = sum(path.read_bytes().count(b"\n") for path in folder.rglob("*.py"))
        used = {tool: measured(TOOLS[tool](folder)[0], folder) for tool in tools}
        read[package] = Read(lines, read_findings(used["ours"].output), used)
        print(f"{package}: {len(read[package].findings)} findings", file=sys.stderr, flush=True)
    return read


def _read_bugs(bugs: Iterable[Bug], into: Path) -> list[tuple[Bug, list[Finding]]]:
    by_package: dict[Package, list[Bug]] = {}
    for bug in bugs:
        by_package.setdefault(bug.package, []).append(bug)
    read = _read_all(by_package, into, ("ours",))
    return [(bug, read[package].findings) for package in read for bug in by_package[package]]


def packages_table(read: Mapping[Package, Read], tools: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of a table of packages."""
    heads = ["package", "kind", "lines", "findings", "causes"]
    heads += [f"{tool} {what}" for tool in tools for what in ("s", "klines/s", "MB")]
    rows = []
    for package, each in read.items():
        causes = by_cause({package: each.findings})
        row = [str(package), package.kind, str(each.lines), str(len(each.findings)), str(len(causes))]
        for tool in tools:
            used = each.used[tool]
            row += [f"{used.seconds:.1f}", f"{each.lines / used.seconds / 1000:.1f}", f"{used.megabytes:.0f}"]
        rows.append(row)
    return heads, rows


def speed_lines(read: Mapping[Package, Read]) -> list[str]:
    """Return how the check's time compares with hydroid's, and with the goals."""
    seconds = {tool: sum(each.used[tool].seconds for each in read.values()) for tool in ("ours", "hydroid")}
    lines = sum(each.lines for each in read.values())
    slow = [str(package) for package, each in read.items() if each.lines / each.used["ours"].seconds < LEAST_SPEED]
    times = ", ".join(f"{tool} {spent:.0f} s, {lines / spent / 1000:.1f} klines/s" for tool, spent in seconds.items())
    return [
        f"\n{lines} lines: {times}; {seconds['ours'] / seconds['hydroid']:.2f} x (goal: {MOST_TIME} x)",
        f"below {LEAST_SPEED} lines a second (goal: none): {', '.join(slow) or 'none'}",
    ]


def bugs_table(found: Mapping[Bug, bool]) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of a table of bugs."""
    rows = [
        [f"{bug.project}#{bug.number}", str(bug.package), ", ".join(bug.rules), bug.function, "yes" if hit else "no"]
        for bug, hit in found.items()
    ]
    return ["report", "package", "rule", "function", "found"], rows


def recall_line(found: Mapping[Bug, bool]) -> str:
    """Return the share of bugs that are found."""
    hits = sum(found.values())
    share = f"{hits / len(found):.1%}" if found else "none"
    return f"recall: {share}, {hits} of {len(found)} reported bugs (goal: {LEAST_RECALL:.0%})"


def _print_precision(
    causes: Mapping[Cause, Sequence[Finding]], judgements: list[Judgement], count: int, seed: int, *, show: bool
) -> None:
    everything = sample(causes, judgements, len(causes), seed)
    drawn = sample(causes, judgements, count, seed)
    print(f"\n{sum(map(len, causes.values()))} findings of {len(causes)} causes; seed {seed}")
    print(f"of {len(drawn)} causes drawn: {judged(drawn)} (goal: {LEAST_PRECISION:.0%})")
    print(f"of all causes: {judged(everything)}")
    print(*false_lines(everything), sep="\n")
    if show:
        for each in drawn:
            if not each.judgement:
                print(entry(each))


def false_lines(samples: Iterable[Sampled]) -> list[str]:
    """Return the false causes that are still reported, those of most findings first."""
    false = [(each.sharing, each.cause) for each in samples if each.judgement and each.judgement.verdict == "false"]
    return [
        f"  false: {sharing} findings{' (goal: at most 20)' if sharing > MOST_SHARING else ''}: {cause.rule} in "
        f"{cause.function}, {cause.package} {cause.version}"
        for sharing, cause in sorted(false, reverse=True)
    ]


def entry(drawn: Sampled) -> str:
    """Return a call chain to judge, and the entry for it that is to be completed."""
    lines = [f"\n# {drawn.sharing} findings"]
    lines += [f"#   {step.path}:{step.line} in {step.function}: {step.call}" for step in drawn.finding.steps]
    lines.append("[[judgement]]")
    lines += [f'{name} = "{value}"' for name, value in drawn.cause._asdict().items()]
    return "\n".join([*lines, 'verdict = ""', 'reason = ""'])


def _text(heads: list[str], rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [heads, *rows]]
    return "\n".join(line.rstrip() for line in lines)


def _markdown(heads: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [heads, ["---"] * len(heads), *rows])


if __name__ == "__main__":
    main()
