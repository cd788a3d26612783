"""The cases by which the check is measured: small programs that say themselves what is to be found in them.

A case is a file ``SUBJECT/CASE.py``, or a folder ``SUBJECT/CASE`` with ``main.py`` in it. It is run by its ``async def
main()``; what has to be there before is made by its ``prepare()``, async or not. What blocks says so at the end of its line, in
the async function or in the callback that the loop calls: ``# BLOCKS: time.sleep``. The ids are those of the check.
A case that cannot be run has a line ``# NOT RUN: why``, and one that needs a newer Python than the oldest ``# SINCE: 3.14``.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Case", "Expected", "case_of", "load_cases"]

FOLDER = Path(__file__).resolve().parent

_BLOCKS = re.compile(r"# BLOCKS: (?P<ids>[^#\n]+)")
_NOT_RUN = re.compile(r"^# NOT RUN: (?P<why>.+)$", re.MULTILINE)
_SINCE = re.compile(r"^# SINCE: 3\.(?P<minor>\d+)$", re.MULTILINE)
_FRAMEWORK = re.compile(r"^\s*(?:from|import) (?P<name>django|gingerdj)\b", re.MULTILINE)


class Expected(NamedTuple):
    """A line that blocks.

    Attributes:
        file: The file, from the case's folder.
        line: The line, from 1.
        ids: The ids of what it blocks on; any of them may be found.
    """

    file: str
    line: int
    ids: frozenset[str]


@dataclass(frozen=True)
class Case:
    """A small program.

    Attributes:
        name: Its subject and its name, joined by a dot.
        path: What is checked: its file, or its folder.
        expected: The lines that block.
        not_run: Why it cannot be run; empty where it can.
        framework: ``"django"`` or ``"gingerdj"``, if it needs one.
    """

    name: str
    path: Path
    expected: frozenset[Expected]
    not_run: str
    framework: str

    @property
    def folder(self) -> Path:
        """The folder that its files are named from, and its modules imported from."""
        return self.path if self.path.is_dir() else self.path.parent

    @property
    def entry(self) -> str:
        """The module that is run."""
        return "main" if self.path.is_dir() else self.path.stem

    @property
    def files(self) -> tuple[Path, ...]:
        """Its files."""
        return tuple(sorted(self.path.rglob("*.py"))) if self.path.is_dir() else (self.path,)


@lru_cache
def load_cases() -> tuple[Case, ...]:
    """Return all cases, in the order of their names."""
    found = []
    for subject in sorted(FOLDER.iterdir()):
        if subject.is_dir() and not subject.name.startswith(("_", ".")):
            paths = [path for path in subject.iterdir() if path.suffix == ".py" or (path / "main.py").is_file()]
            found += [_case(f"{subject.name}.{path.stem}", path) for path in sorted(paths)]
    return tuple(found)


def case_of(name: str) -> Case:
    """Return the case of a name."""
    return next(case for case in load_cases() if case.name == name)


def _case(name: str, path: Path) -> Case:
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    folder = path if path.is_dir() else path.parent
    expected: set[Expected] = set()
    not_run = framework = ""
    for file in files:
        text = file.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            blocks = _BLOCKS.search(line)
            if blocks is not None:
                ids = frozenset(each.strip() for each in blocks["ids"].split(","))
                expected.add(Expected(str(file.relative_to(folder)), number, ids))
        why = _NOT_RUN.search(text)
        not_run = not_run or ("" if why is None else why["why"])
        since = _SINCE.search(text)
        if since is not None and sys.version_info < (3, int(since["minor"])):
            not_run = f"it needs Python 3.{since['minor']}"
        uses = _FRAMEWORK.search(text)
        framework = framework or ("" if uses is None else uses["name"])
    return Case(name, path, frozenset(expected), not_run, framework)
