"""The cases by which the check is measured: small programs with comments that say what has to be found in them.

A case is a file ``SUBJECT/CASE.py``, or a folder ``SUBJECT/CASE`` that contains ``main.py``. Its ``prepare()``, sync or
async, sets up what it needs; then its ``async def main()`` is run. A line that blocks, in an async function or in a
callback of the loop, ends with the id of the rule: ``# BLOCKS: time.sleep``. The ids are those of the check. A case
that cannot be run has a line ``# NOT RUN: reason``, and one that needs a newer Python than the oldest has ``# SINCE:
3.14``.
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
        file: The file, relative to the case's folder.
        line: The line number, starting at 1.
        ids: The ids of the calls that block there; it is enough if one of them is found.
    """

    file: str
    line: int
    ids: frozenset[str]


@dataclass(frozen=True)
class Case:
    """A small program.

    Attributes:
        name: Its subject and its name, joined by a dot.
        path: The file or folder that is checked.
        expected: The lines that block.
        not_run: Why it cannot be run, or an empty string.
        framework: ``"django"`` or ``"gingerdj"`` if it needs one, else an empty string.
    """

    name: str
    path: Path
    expected: frozenset[Expected]
    not_run: str
    framework: str

    @property
    def folder(self) -> Path:
        """The folder that its file names are relative to, and from which its modules are imported."""
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
    """Return the case of this name."""
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
