"""The cache: results of earlier checks, valid as long as the files that they depend on do not change.

It is JSON, which unlike pickle cannot carry code: the folder of a project may come from anywhere. The first line says which
installation wrote it, and has a digest of the second: what another one wrote, and what is damaged, is not used.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe._reporting.writing import shown_path
from ginger_async_safe._version import __version__
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.domain.findings import Cut, Finding, Step
from ginger_async_safe.lint.domain.registrations import Registration
from ginger_async_safe.lint.source.entry_points import ClassFact, EntryKind, EntryPoint, Facts
from ginger_async_safe.lint.source.files import digest as digest_of
from ginger_async_safe.lint.source.fills import Fill
from ginger_async_safe.lint.source.shared_state import Store
from ginger_async_safe.lint.source.suppression_comments import Comment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ginger_async_safe.lint.source.notebooks import Cell

__all__ = ["Analysis", "Cache", "Known", "Registered", "refuse_outside", "signature"]

_FORMAT = 3
_NAME = "check.json"
_IGNORED = "*\n"  # for git: everything here is generated


class Known(NamedTuple):
    """What is known about a file from its contents.

    Attributes:
        digest: The digest of its contents, in hexadecimal digits.
        facts: Its facts, needed before any function is evaluated.
        comments: Its suppression comments.
        cells: Where its cells begin, if it is a notebook.
    """

    digest: str
    facts: Facts
    comments: tuple[Comment, ...]
    cells: tuple[Cell, ...] = ()


class Analysis(NamedTuple):
    """The analysis of a file.

    Attributes:
        findings: The findings.
        files: The files that this depends on, with the digests of their contents.
        calls: How many calls were evaluated.
        unresolved: How many of them could not be resolved.
        left_out: How many implementing classes were not read, because there are too many.
        cuts: The functions whose evaluation was cut short.
    """

    findings: tuple[Finding, ...]
    files: Mapping[str, str]
    calls: int
    unresolved: int
    left_out: int = 0
    cuts: tuple[Cut, ...] = ()


class Registered(NamedTuple):
    """The registrations of a file.

    Attributes:
        held: What it registers.
        files: The files that this depends on, with the digests of their contents.
    """

    held: tuple[Registration, ...]
    files: Mapping[str, str]


class Cache:
    """The cache of a project.

    Args:
        folder: Its folder; ``None`` for no cache.
        root: The folder of the project.

    Attributes:
        notes: Why what is there is not used, for the user.

    Raises:
        ConfigurationError: Where the folder is a link that leads out of the project.
    """

    def __init__(self, folder: Path | None, *, root: Path) -> None:
        self._folder = folder
        self._root = root
        self._known: dict[str, Known] = {}
        self._analyses: dict[str, Analysis] = {}
        self._registered: dict[str, Registered] = {}
        self._content: dict[str, Any] = {}
        self._paths: dict[str, Path] = {}
        self.notes: tuple[str, ...] = ()
        if folder is not None:
            refuse_outside(folder, root)
            self._content, trouble = _read(folder / _NAME)
            if trouble:
                self.notes = (f"the cache {shown_path(folder / _NAME)} {trouble}: everything was read anew",)

    def known(self, path: Path, digest: str) -> Known | None:
        """Return what is known about a file, if its contents are the same."""
        row = self._content.get("known", {}).get(self.name(path))
        if row is None or row[0] != digest:
            return None
        return Known(digest, _facts(row[1]), tuple(Comment(*_untupled(each)) for each in row[2]))

    def analysis(self, path: Path, project_digest: str, digests: Mapping[str, str]) -> Analysis | None:
        """Return the analysis of a file, if nothing that it depends on has changed.

        Args:
            path: The file.
            project_digest: A digest of everything that any function may depend on, wherever it is.
            digests: The digests of all files, by their names.
        """
        if self._content.get("project_digest") != project_digest:
            return None
        row = self._content.get("analyses", {}).get(self.name(path))
        if row is None or any(digests.get(name) != digest for name, digest in row["files"].items()):
            return None
        findings = tuple(self._finding(each) for each in row["findings"])
        cuts = tuple(Cut(self._path(path), *rest) for path, *rest in row["cuts"])
        return Analysis(findings, row["files"], row["calls"], row["unresolved"], row["left_out"], cuts)

    def registered(self, path: Path, digests: Mapping[str, str]) -> Registered | None:
        """Return the registrations of a file, if nothing that they depend on has changed."""
        row = self._content.get("registered", {}).get(self.name(path))
        if row is None or any(digests.get(name) != digest for name, digest in row[1].items()):
            return None
        return Registered(tuple(Registration(*each) for each in row[0]), row[1])

    def keep_registered(self, path: Path, registered: Registered) -> None:
        """Keep the registrations of a file."""
        self._registered[self.name(path)] = registered

    def keep(self, path: Path, known: Known) -> None:
        """Keep what is known about a file."""
        self._known[self.name(path)] = known

    def keep_analysis(self, path: Path, analysis: Analysis) -> None:
        """Keep the analysis of a file."""
        self._analyses[self.name(path)] = analysis

    def write(self, project_digest: str) -> None:
        """Write the cache; where that fails, the next check starts without one."""
        if self._folder is None:
            return
        content = {
            "project_digest": project_digest,
            "known": {
                name: [each.digest, list(each.facts), [list(comment) for comment in each.comments]]
                for name, each in self._known.items()
            },
            "registered": {
                name: [[list(held) for held in each.held], dict(each.files)] for name, each in self._registered.items()
            },
            "analyses": {
                name: {
                    "findings": [self._row(finding) for finding in each.findings],
                    "files": dict(each.files),
                    "calls": each.calls,
                    "unresolved": each.unresolved,
                    "left_out": each.left_out,
                    "cuts": [[self.name(cut.path), cut.line, cut.function, cut.why] for cut in each.cuts],
                }
                for name, each in self._analyses.items()
            },
        }
        with contextlib.suppress(OSError):
            _write(self._folder, json.dumps(content, separators=(",", ":")))

    def name(self, path: Path) -> str:
        """Return the key of a file: its path relative to the project's folder, so that the folder can move."""
        text, root = str(path), f"{self._root}{os.sep}"
        return text.removeprefix(root)

    def _path(self, name: str) -> Path:
        path = self._paths.get(name)
        if path is None:
            path = self._paths[name] = self._root / name
        return path

    def _row(self, finding: Finding) -> list[object]:
        chain = [[self.name(step.path), step.line, step.column, step.function, step.call] for step in finding.chain]
        return [chain, finding.id, finding.call, finding.fix, finding.reason, finding.is_owners, finding.has_more]

    def _finding(self, row: list[Any]) -> Finding:
        chain, *rest = row
        return Finding(tuple(Step(self._path(path), *others) for path, *others in chain), *rest)


@cache
def signature() -> str:
    """Return what all results depend on, whatever is checked: this version of the check, and of Python."""
    return f"{_FORMAT} {__version__} {sys.version_info[:2]} {sys.platform} {_program_digest()}"


def _program_digest() -> str:
    """Return a digest of the check's own source: another version finds other things."""
    digest = hashlib.blake2b(digest_size=8)
    package = Path(__file__).parents[2]
    for folder in (package / "lint", package / "blocking"):
        for path in sorted(folder.rglob("*.py")):
            status = path.stat()
            digest.update(f"{path.relative_to(package)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def refuse_outside(folder: Path, root: Path) -> None:
    """Refuse a folder that a link leads out of the project: whoever wrote the project may not choose what is written there."""
    real, real_root = os.path.realpath(folder), os.path.realpath(root)
    if os.path.commonpath([real, real_root]) != real_root:
        msg = f"the cache {shown_path(folder)} is a link to {real}, outside of the project; delete the link, or use --no-cache"
        raise ConfigurationError(msg)


def _read(path: Path) -> tuple[dict[str, Any], str]:
    """Return the contents, and why they are not used; no contents where they are not."""
    try:
        if not path.is_file():  # a FIFO would never end
            return {}, "is no file" if path.exists() else ""
        header, _, body = path.read_bytes().partition(b"\n")
    except OSError as error:
        return {}, f"cannot be read ({error.strerror})"
    try:
        head = json.loads(header)
        if isinstance(head, dict) and "format" in head and head["format"] != signature():
            return {}, "is from another version or installation"
        if head == _header(body):
            content = json.loads(body)
            return content, ""
    except (ValueError, RecursionError):  # it is damaged
        pass
    return {}, "is damaged"


def _header(body: bytes) -> dict[str, str]:
    return {"format": signature(), "digest": digest_of(body)}


def _write(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="utf-8") as ignore:
        ignore.write(_IGNORED)
    body = text.encode()
    with tempfile.NamedTemporaryFile("wb", dir=folder, delete=False) as file:
        file.write(json.dumps(_header(body)).encode() + b"\n" + body)
    Path(file.name).replace(folder / _NAME)


def _facts(row: list[Any]) -> Facts:
    lines, async_functions, entries, classes, related, stores, guards, holds, registers, remembers, calls, fills = row
    return Facts(
        lines,
        async_functions,
        tuple(EntryPoint(EntryKind(kind), *where) for kind, *where in entries),
        tuple(ClassFact(name, tuple(bases), tuple(methods)) for name, bases, methods in classes),
        tuple(related),
        tuple(Store(*each) for each in stores),
        guards,
        holds,
        registers,
        tuple(remembers),
        tuple(calls),
        tuple(Fill(*each) for each in fills),
    )


def _untupled(row: Iterable[Any]) -> list[Any]:
    return [tuple(each) if isinstance(each, list) else each for each in row]
