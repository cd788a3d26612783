"""Findings: places where async code reaches a blocking call, with the call chains."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ginger_async_safe.lint.source.files import LeftOut
    from ginger_async_safe.lint.source.suppression_comments import Comment

__all__ = ["MAX_OF_LINE", "Cut", "Finding", "Report", "Statistics", "Step", "Unread", "nearest"]

MAX_OF_LINE = 3
"""How many findings of one rule are reported for one line: each is another call below it, the nearest ones first."""


@dataclass(frozen=True, order=True)
class Step:
    """One line of a call chain from an async function to a blocking call.

    Attributes:
        path: The file.
        line: The line of the call, from 1.
        column: The column where the expression begins, from 1.
        function: The dotted name of the function that the line is in, beginning with its module.
        call: The dotted name of what is called there.
        cell: The number of the cell of a notebook that the line is in, from 1; 0 in other files.
    """

    path: Path
    line: int
    column: int
    function: str
    call: str
    cell: int = 0


@dataclass(frozen=True, order=True)
class Finding:
    """A place where async code reaches a blocking call.

    Attributes:
        chain: The call chain: the first step is the line in the async function, the last one makes the blocking call.
        id: The rule: the id of a row (``"time.sleep"``), ``"marked:"`` and the dotted name of a marked function, or
            ``"orm:"`` and what is done with a queryset, an instance or a connection (``"orm:get"``, ``"orm:iterate"``).
        call: The dotted name of the blocking call, as the guard at run time names it.
        fix: What to write in the async function instead.
        reason: Why the call blocks, in a few words.
        is_owners: Whether the fix is the call owner's own, which applies however long the call chain is.
        has_more: Whether there are further calls of the rule below the same line, which are not reported.
    """

    chain: tuple[Step, ...]
    id: str
    call: str
    fix: str
    reason: str = ""
    is_owners: bool = False
    has_more: bool = False

    @property
    def made_at(self) -> tuple[Path, int]:
        """The file and line that make the blocking call."""
        return self.chain[-1].path, self.chain[-1].line


def nearest(findings: Iterable[Finding]) -> list[Finding]:
    """Return one finding for each call that blocks, of those of one rule in one line: those with the shortest call chains.

    Of more than three, the last one says so.
    """
    by_call: dict[tuple[Path, int], Finding] = {}
    has_more = False
    for finding in sorted(findings, key=lambda each: (len(each.chain), each)):
        has_more |= finding.has_more
        by_call.setdefault(finding.made_at, replace(finding, has_more=False) if finding.has_more else finding)
    kept = list(by_call.values())
    if has_more or len(kept) > MAX_OF_LINE:
        kept = kept[:MAX_OF_LINE]
        kept[-1] = replace(kept[-1], has_more=True)
    return kept


@dataclass(frozen=True, order=True)
class Cut:
    """A function whose evaluation was cut short by a limit, so that findings from it may be missing.

    Attributes:
        path: The file.
        line: The line of its definition, from 1.
        function: Its dotted name, which begins with the module's.
        why: The limit, in a few words.
        cell: The number of the cell of a notebook that the line is in, from 1; 0 in other files.
    """

    path: Path
    line: int
    function: str
    why: str
    cell: int = 0


@dataclass(frozen=True, order=True)
class Unread:
    """A file, or a part of one, that could not be read.

    Attributes:
        path: The file.
        line: The line, from 1; 0 for the whole file.
        why: The reason, in a few words.
        cell: The number of the cell of a notebook that the line is in, from 1; 0 in other files.
    """

    path: Path
    line: int
    why: str
    cell: int = 0


@dataclass(frozen=True)
class Statistics:
    """What the check read and resolved.

    Attributes:
        files: How many files were checked.
        lines: How many lines they have.
        async_functions: How many async functions they have.
        calls: How many calls async code makes, directly or through other functions.
        unresolved: How many of these could not be resolved; they are not reported.
        context: How many more files were read, since these may depend on them; nothing is reported about them.
        skipped_classes: How many classes that implement an abstract class or protocol were not read, because it has too
            many.
        packages_read: How many installed packages were read, because no earlier check had.
        packages_cut: Those of which not all was read, because they are too large.
    """

    files: int = 0
    lines: int = 0
    async_functions: int = 0
    calls: int = 0
    unresolved: int = 0
    context: int = 0
    skipped_classes: int = 0
    packages_read: int = 0
    packages_cut: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """The result of one check.

    Attributes:
        findings: The places, in the order of their files and lines.
        unread: What could not be read.
        comments: The suppression comments of each file that has some.
        statistics: What was read and resolved.
        left_out: What has the name of a source file and is none, and links to folders, which are not followed.
        named: The files whose findings are reported; ``None`` for all.
        notes: What else the user should know, such as a damaged cache.
        cuts: The functions whose evaluation was cut short.
    """

    findings: tuple[Finding, ...] = ()
    unread: tuple[Unread, ...] = ()
    comments: Mapping[Path, tuple[Comment, ...]] = field(default_factory=dict)
    statistics: Statistics = field(default_factory=Statistics)
    left_out: tuple[LeftOut, ...] = ()
    named: frozenset[Path] | None = None
    notes: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
