"""Findings of one run over many packages: their causes, samples of these, what was judged of them, and bugs among them."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from fnmatch import fnmatch
from typing import TYPE_CHECKING, NamedTuple

from _field_tables import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from _field_tables import Bug, Judgement, Package

__all__ = ["Cause", "Finding", "Judged", "Sampled", "Step", "by_cause", "has_bug", "judged", "read_findings", "sample"]


class Step(NamedTuple):
    """One line of a call chain."""

    path: str
    line: int
    function: str
    call: str


class Cause(NamedTuple):
    """What makes findings one: the package, the rule, and the innermost place of the package's code."""

    package: str
    version: str
    rule: str
    path: str
    function: str


class Finding(NamedTuple):
    """A call chain from an async function down to a blocking call."""

    rule: str
    steps: tuple[Step, ...]


class Sampled(NamedTuple):
    """A cause that was drawn, with one of its findings.

    Attributes:
        cause: The cause.
        finding: One of its findings.
        sharing: How many findings have it.
        judgement: What was judged of it, if anything.
    """

    cause: Cause
    finding: Finding
    sharing: int
    judgement: Judgement | None


class Judged(NamedTuple):
    """What was judged of some causes.

    Attributes:
        verdicts: How many causes have each verdict.
        unjudged: How many have none.
    """

    verdicts: Counter[str]
    unjudged: int

    @property
    def precision(self) -> float | None:
        """The share of true causes among the judged ones; an arguable one is not true."""
        total = self.verdicts.total()
        return self.verdicts["true"] / total if total else None

    def __str__(self) -> str:
        """Return the share with its counts."""
        share = "nothing judged" if self.precision is None else f"{self.precision:.1%} true"
        counts = ", ".join(f"{self.verdicts[verdict]} {verdict}" for verdict in VERDICTS)
        return f"{share} ({counts}; {self.unjudged} not judged)"


def read_findings(output: str) -> list[Finding]:
    """Return what the check prints as JSON."""
    return [
        Finding(
            finding["rule"],
            tuple(Step(step["path"], step["line"], step["function"], step["call"]) for step in finding["chain"]),
        )
        for finding in json.loads(output)["findings"]
    ]


def by_cause(found: Mapping[Package, Sequence[Finding]]) -> dict[Cause, list[Finding]]:
    """Return the findings of packages, by cause."""
    causes: defaultdict[Cause, list[Finding]] = defaultdict(list)
    for package, findings in found.items():
        for finding in findings:
            last = finding.steps[-1]
            causes[Cause(package.name, package.version, finding.rule, last.path, last.function)].append(finding)
    return dict(causes)


def sample(
    causes: Mapping[Cause, Sequence[Finding]], judgements: Iterable[Judgement], count: int, seed: int
) -> list[Sampled]:
    """Return some causes, each with one of its findings: the same ones for the same seed."""
    known = {Cause(*judgement[:5]): judgement for judgement in judgements}
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    drawn = draw.sample(sorted(causes), min(count, len(causes)))
    return [Sampled(cause, draw.choice(causes[cause]), len(causes[cause]), known.get(cause)) for cause in drawn]


def judged(samples: Iterable[Sampled]) -> Judged:
    """Return what was judged of some causes."""
    verdicts = [each.judgement.verdict if each.judgement else None for each in samples]
    return Judged(Counter(each for each in verdicts if each), verdicts.count(None))


def has_bug(bug: Bug, findings: Iterable[Finding]) -> bool:
    """Return whether one of the findings of a package is a reported bug: of its rule, through its function."""
    return any(
        any(fnmatch(finding.rule, rule) for rule in bug.rules)
        and any(f"{step.function}.".startswith(f"{bug.function}.") for step in finding.steps)
        for finding in findings
    )
