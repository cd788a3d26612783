"""The tables that ``field_check.py`` reads: packages, reported bugs, and what people judged of findings.

Each is a TOML file with one array of tables. A mistake in one is an error that names the file, the entry and what is
accepted, since a judgement with a misspelt key would be a finding that nobody has judged, for ever.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

tomllib = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

__all__ = [
    "KINDS",
    "VERDICTS",
    "Bug",
    "Judgement",
    "Package",
    "TableError",
    "read_bugs",
    "read_judgements",
    "read_packages",
]

_toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

KINDS = ("application", "library")
VERDICTS = ("true", "arguable", "false")


class TableError(Exception):
    """A table cannot be read: the message names the file, the entry and the remedy."""


class Package(NamedTuple):
    """A package of one version, and which of its files are read.

    Attributes:
        name: Its name in the index.
        version: Its version.
        kind: One of `KINDS`.
        only: Globs of the files to read; all of them where there is none.
    """

    name: str
    version: str
    kind: str
    only: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the name with the version."""
        return f"{self.name} {self.version}"


class Bug(NamedTuple):
    """A blocking call in async code that was reported and fixed in public.

    Attributes:
        project: Owner and name of the repository.
        number: The number of the issue or of the pull request there.
        package: A version of the package that has the bug.
        function: The function that the report names, by its qualified name.
        rules: The ids, with ``*`` for any part, of which a finding has to be.
    """

    project: str
    number: int
    package: Package
    function: str
    rules: tuple[str, ...]


class Judgement(NamedTuple):
    """What a person found when reading the code of one cause.

    Attributes:
        package: The name of the package.
        version: The version that was read.
        rule: The id of the rule.
        path: The file of the innermost place.
        function: The function of the innermost place, by its qualified name.
        verdict: One of `VERDICTS`.
        reason: Why.
    """

    package: str
    version: str
    rule: str
    path: str
    function: str
    verdict: str
    reason: str


def read_packages(file: Path) -> list[Package]:
    """Return the packages of a table.

    Raises:
        TableError: The table has a mistake, or a package twice.
    """
    packages = []
    for entry in _entries(file, "package"):
        kind = entry.choice("kind", KINDS)
        packages.append(Package(entry.text("name"), entry.text("version"), kind, entry.texts("only", required=False)))
        entry.finish()
    _require_distinct(file, [package.name for package in packages])
    return packages


def read_bugs(file: Path) -> list[Bug]:
    """Return the bugs of a table.

    Raises:
        TableError: The table has a mistake, or a bug twice.
    """
    bugs = []
    for entry in _entries(file, "bug"):
        only = entry.texts("only", required=False)
        package = Package(entry.text("package"), entry.text("version"), "library", only)
        number = entry.number("number")
        bugs.append(Bug(entry.text("project"), number, package, entry.text("function"), entry.texts("rules")))
        entry.finish()
    _require_distinct(file, [f"{bug.project}#{bug.number} in {bug.function}" for bug in bugs])
    return bugs


def read_judgements(file: Path) -> list[Judgement]:
    """Return the judgements of a table.

    Raises:
        TableError: The table has a mistake, or a cause twice.
    """
    judgements = []
    for entry in _entries(file, "judgement"):
        verdict = entry.choice("verdict", VERDICTS)
        texts = {name: entry.text(name) for name in Judgement._fields if name != "verdict"}
        judgements.append(Judgement(verdict=verdict, **texts))
        entry.finish()
    _require_distinct(file, [" ".join(each[:5]) for each in judgements])
    return judgements


class _Entry:
    """One entry of a table, whose values are taken one by one."""

    def __init__(self, where: str, values: dict[str, Any]) -> None:
        self._where = where
        self._values = dict(values)

    def text(self, name: str) -> str:
        value = self._take(name)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(name, value, "a string that is not empty")
        return value

    def texts(self, name: str, *, required: bool = True) -> tuple[str, ...]:
        value = self._take(name) if required else self._values.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value) or (required and not value):
            raise self._wrong(name, value, "a list of strings")
        return tuple(value)

    def number(self, name: str) -> int:
        value = self._take(name)
        if not isinstance(value, int):
            raise self._wrong(name, value, "a number")
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in choices:
            raise self._wrong(name, value, f"one of {', '.join(choices)}")
        return value

    def finish(self) -> None:
        """Refuse what nothing has taken."""
        if self._values:
            message = f"{self._where}: unknown: {', '.join(sorted(self._values))}; delete or rename it"
            raise TableError(message)

    def _take(self, name: str) -> object:
        if name not in self._values:
            message = f"{self._where}: {name} is missing; add it"
            raise TableError(message)
        return self._values.pop(name)

    def _wrong(self, name: str, value: object, right: str) -> TableError:
        return TableError(f"{self._where}: {name} is {value!r}; write {right}")


def _entries(file: Path, section: str) -> Iterator[_Entry]:
    try:
        table = _toml.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, _toml.TOMLDecodeError) as error:
        message = f"{file.name}: cannot be read ({error}); correct it"
        raise TableError(message) from error
    if table.keys() - {section} or not isinstance(table.get(section, []), list):
        message = f"{file.name}: has {', '.join(sorted(table))}; write only [[{section}]]"
        raise TableError(message)
    for number, values in enumerate(table.get(section, []), 1):
        yield _Entry(f"{file.name}: {section} {number}", values)


def _require_distinct(file: Path, names: list[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        message = f"{file.name}: {twice[0]} is there twice; delete one of them"
        raise TableError(message)
