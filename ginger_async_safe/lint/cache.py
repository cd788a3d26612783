"""What earlier checks read, kept by the contents of the files: what did not change is not read again.

It is JSON, which nobody can hide a program in: the folder of a project may come from anywhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe._version import __version__
from ginger_async_safe.lint.comments import Comment
from ginger_async_safe.lint.entries import Entry, Facts
from ginger_async_safe.lint.findings import Finding, Step
from ginger_async_safe.lint.registries import Held

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Cache", "Judged", "Known", "Registered"]

_FORMAT = 1
_NAME = "check.json"
_IGNORED = "*\n"  # for git: nothing here is anybody's work


class Known(NamedTuple):
    """What is known of a file by its contents.

    Attributes:
        digest: The digest of its contents, in hexadecimal digits.
        facts: What has to be known of it before any is read.
        comments: Its comments for the check.
    """

    digest: str
    facts: Facts
    comments: tuple[Comment, ...]


class Judged(NamedTuple):
    """What was found from the functions of a file.

    Attributes:
        findings: The findings.
        files: The files that were looked into, with the digests of their contents.
        calls: How many calls were read.
        unresolved: How many of them could not be told.
    """

    findings: tuple[Finding, ...]
    files: Mapping[str, str]
    calls: int
    unresolved: int


class Registered(NamedTuple):
    """What importing a file registers.

    Attributes:
        held: What it puts into registries.
        files: The files that were looked into, with the digests of their contents.
    """

    held: tuple[Held, ...]
    files: Mapping[str, str]


class Cache:
    """What earlier checks of a project read.

    Args:
        folder: Where it is kept; ``None`` for nowhere.
        root: The folder of the project.
    """

    def __init__(self, folder: Path | None, *, root: Path) -> None:
        self._folder = folder
        self._root = root
        self._known: dict[str, Known] = {}
        self._judged: dict[str, Judged] = {}
        self._registered: dict[str, Registered] = {}
        self._content: dict[str, Any] = {}
        self._paths: dict[str, Path] = {}
        if folder is not None:
            self._content = _read(folder / _NAME)

    def known(self, path: Path, digest: str) -> Known | None:
        """Return what is known of a file, if its contents are the same."""
        row = self._content.get("known", {}).get(self.name(path))
        if row is None or row[0] != digest:
            return None
        return Known(digest, _facts(row[1]), tuple(Comment(*_untupled(each)) for each in row[2]))

    def judged(self, path: Path, told: str, digests: Mapping[str, str]) -> Judged | None:
        """Return what was found from a file, if nothing that it depends on has changed.

        Args:
            path: The file.
            told: A digest of all that is told of the project as a whole.
            digests: The digests of all files, by their names.
        """
        if self._content.get("told") != told:
            return None
        row = self._content.get("judged", {}).get(self.name(path))
        if row is None or any(digests.get(name) != digest for name, digest in row["files"].items()):
            return None
        findings = tuple(self._finding(each) for each in row["findings"])
        return Judged(findings, row["files"], row["calls"], row["unresolved"])

    def registered(self, path: Path, digests: Mapping[str, str]) -> Registered | None:
        """Return what importing a file registers, if nothing that it depends on has changed."""
        row = self._content.get("registered", {}).get(self.name(path))
        if row is None or any(digests.get(name) != digest for name, digest in row[1].items()):
            return None
        return Registered(tuple(Held(*each) for each in row[0]), row[1])

    def keep_registered(self, path: Path, registered: Registered) -> None:
        """Keep what importing a file registers."""
        self._registered[self.name(path)] = registered

    def keep(self, path: Path, known: Known) -> None:
        """Keep what is known of a file."""
        self._known[self.name(path)] = known

    def keep_judged(self, path: Path, judged: Judged) -> None:
        """Keep what was found from a file."""
        self._judged[self.name(path)] = judged

    def write(self, told: str) -> None:
        """Write all that is to be kept; where that fails, the next check reads anew."""
        if self._folder is None:
            return
        content = {
            "format": _signature(),
            "told": told,
            "known": {
                name: [each.digest, list(each.facts), [list(comment) for comment in each.comments]]
                for name, each in self._known.items()
            },
            "registered": {
                name: [[list(held) for held in each.held], dict(each.files)] for name, each in self._registered.items()
            },
            "judged": {
                name: {
                    "findings": [self._row(finding) for finding in each.findings],
                    "files": dict(each.files),
                    "calls": each.calls,
                    "unresolved": each.unresolved,
                }
                for name, each in self._judged.items()
            },
        }
        with contextlib.suppress(OSError):
            _write(self._folder, json.dumps(content, separators=(",", ":")))

    def name(self, path: Path) -> str:
        """Return the name by which a file is kept: from the project's folder, so that it may move."""
        text, root = str(path), f"{self._root}{os.sep}"
        return text.removeprefix(root)

    def _path(self, name: str) -> Path:
        path = self._paths.get(name)
        if path is None:
            path = self._paths[name] = self._root / name
        return path

    def _row(self, finding: Finding) -> list[object]:
        chain = [[self.name(step.path), step.line, step.column, step.function, step.call] for step in finding.chain]
        return [chain, finding.id, finding.call, finding.mend, finding.reason, finding.is_owners]

    def _finding(self, row: list[Any]) -> Finding:
        chain, *rest = row
        return Finding(tuple(Step(self._path(path), *others) for path, *others in chain), *rest)


def _signature() -> str:
    return f"{_FORMAT} {__version__} {sys.version_info[:2]} {sys.platform} {_of_this_program()}"


def _of_this_program() -> str:
    """Return a digest of the check itself: another version of it finds other things."""
    digest = hashlib.blake2b(digest_size=8)
    package = Path(__file__).parent.parent
    for folder in (package / "lint", package / "blocking"):
        for path in sorted(folder.rglob("*.py")):
            status = path.stat()
            digest.update(f"{path.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) and content.get("format") == _signature() else {}


def _write(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text(_IGNORED, encoding="utf-8")
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8", delete=False) as file:
        file.write(text)
    Path(file.name).replace(folder / _NAME)


def _facts(row: list[Any]) -> Facts:
    lines, async_functions, entries, classes, related, *flags = row
    return Facts(
        lines, async_functions, tuple(Entry(*each) for each in entries), tuple(classes), tuple(related), *flags
    )


def _untupled(row: Iterable[Any]) -> list[Any]:
    return [tuple(each) if isinstance(each, list) else each for each in row]
