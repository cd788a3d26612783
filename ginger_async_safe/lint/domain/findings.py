"""Findings: places where async code reaches a blocking call, with the call chains."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ginger_async_safe.lint.source.suppression_comments import Comment

__all__ = ["Finding", "Report", "Statistics", "Step", "Unread"]


@dataclass(frozen=True, order=True)
class Step:
    """One line of a call chain from an async function to a blocking call.

    Attributes:
        path: The file.
        line: The line of the call, from 1.
        column: The column where the expression begins, from 1.
        function: The dotted name of the function that the line is in, beginning with its module.
        call: The dotted name of what is called there.
    """

    path: Path
    line: int
    column: int
    function: str
    call: str


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
    """

    chain: tuple[Step, ...]
    id: str
    call: str
    fix: str
    reason: str = ""
    is_owners: bool = False


@dataclass(frozen=True, order=True)
class Unread:
    """A file, or a part of one, that could not be read.

    Attributes:
        path: The file.
        line: The line, from 1; 0 for the whole file.
        why: The reason, in a few words.
    """

    path: Path
    line: int
    why: str


@dataclass(frozen=True)
class Statistics:
    """What the check read and resolved.

    Attributes:
        files: How many files were read.
        lines: How many lines they have.
        async_functions: How many async functions they have.
        calls: How many calls async code makes, directly or through other functions.
        unresolved: How many of these could not be resolved; they are not reported.
        packages_read: How many installed packages were read, because no earlier check had.
        packages_cut: Those of which not all was read, because they are too large.
    """

    files: int = 0
    lines: int = 0
    async_functions: int = 0
    calls: int = 0
    unresolved: int = 0
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
    """

    findings: tuple[Finding, ...] = ()
    unread: tuple[Unread, ...] = ()
    comments: Mapping[Path, tuple[Comment, ...]] = field(default_factory=dict)
    statistics: Statistics = field(default_factory=Statistics)
