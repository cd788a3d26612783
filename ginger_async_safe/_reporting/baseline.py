"""A baseline: the known violations of a code base, so that only new ones have to be fixed at once.

It is a sorted text file with one entry a line: ``CALL at PLACE``, both by qualified name, so that entries survive changed
line numbers and merges. A comment after ``#`` belongs to the entry of its line, and is kept.

Test runs, which see the calls that are made, and the check, which reads source, share one file, although neither finds
everything that the other does. An entry belongs to the tool that wrote it, and only that tool decides whether it is fixed;
the entries of the check are marked with ``# by check``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe._reporting.qualified_names import stable_name
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ginger_async_safe.violation import Place, Violation

__all__ = ["BY_CHECK", "Baseline", "BaselineEntry", "entry_of"]

BY_CHECK = "by check"
"""The comment that the check writes beside its entries, after the ``#``."""

_THE_LOOP = "<event loop>"
_HEADER = (
    "# Known violations: guarded calls that this code makes in an async context, as: CALL at PLACE",
    "# They are allowed, new ones fail. Once one is fixed, remove its line. Written by ginger_async_safe.",
)
_LINE = re.compile(r"(?P<call>\S+) at (?P<place>[^#]*[^#\s])\s*(?:#\s*(?P<comment>.*))?")


class BaselineEntry(NamedTuple):
    """One guarded call in one function.

    Attributes:
        call: The qualified name of the guarded call.
        place: The qualified name of the function that makes it.
    """

    call: str
    place: str

    def __str__(self) -> str:
        return f"{self.call} at {self.place}"


def entry_of(violation: Violation) -> BaselineEntry:
    """Return the entry that lists a violation."""
    return BaselineEntry(violation.call, _qualified(violation.called_at))


def _qualified(place: Place | None) -> str:
    return _THE_LOOP if place is None else f"{place.module}.{stable_name(place)}"


class _Notes(NamedTuple):
    """The comments of an entry: lines above it, and texts after its ``#``."""

    above: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def merged_with(self, other: _Notes) -> _Notes:
        """Return the comments of both: after a merge an entry may be there twice."""
        return _Notes(*(tuple(dict.fromkeys(mine + theirs)) for mine, theirs in zip(self, other, strict=True)))

    def texts(self) -> set[str]:
        """Return the texts beside the entry, split as they were before the file was written."""
        return {text.strip() for joined in self.beside for text in joined.split(";")}


class Baseline:
    """The entries of a baseline file, with their comments.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path: Path = path
        self._notes: dict[BaselineEntry, _Notes] = {}
        self._head: list[str] = []
        self._below: list[str] = []

    @classmethod
    def read(cls, path: Path, *, update: str = "--async-safe-update-baseline") -> Baseline:
        """Read a file.

        Args:
            path: The file.
            update: The option that writes it.

        Raises:
            ConfigurationError: If it cannot be read, or a line is not an entry.
        """
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except FileNotFoundError:
            msg = f"the baseline {path} does not exist; {update} creates it"
            raise ConfigurationError(msg) from None
        except (OSError, UnicodeDecodeError) as error:
            msg = f"the baseline {path} cannot be read ({error}); name another file, or save this one as UTF-8"
            raise ConfigurationError(msg) from None
        baseline = cls(path)
        above: list[str] = []
        for number, text in enumerate(map(str.strip, lines), 1):
            if text.startswith("#"):
                above += [] if text in _HEADER else [text]
            elif text:
                found = _LINE.fullmatch(text)
                if found is None:
                    msg = f"{path}:{number}: {text!r} is not a baseline entry; write CALL at PLACE, or delete the line"
                    raise ConfigurationError(msg)
                entry = BaselineEntry(found["call"], found["place"])
                notes = _Notes(tuple(above), (found["comment"],) if found["comment"] else ())
                baseline._notes[entry] = baseline._notes.get(entry, _Notes()).merged_with(notes)
                above.clear()
            elif (
                not baseline._notes
            ):  # comments before an empty line at the top belong to the file, not to the first entry
                baseline._head += above
                above.clear()
        baseline._below = above
        return baseline

    def __contains__(self, entry: BaselineEntry) -> bool:
        return entry in self._notes

    def __len__(self) -> int:
        return len(self._notes)

    @property
    def entries(self) -> frozenset[BaselineEntry]:
        """The entries."""
        return frozenset(self._notes)

    @property
    def of_check(self) -> frozenset[BaselineEntry]:
        """The entries that the check wrote."""
        return frozenset(entry for entry, notes in self._notes.items() if BY_CHECK in notes.texts())

    def write(self, entries: Iterable[BaselineEntry], *, beside: str = "") -> None:
        """Replace the entries of the file; entries that stay keep their comments.

        Args:
            entries: The entries.
            beside: The comment to write beside new entries.

        Raises:
            ConfigurationError: If the file cannot be written.
        """
        fresh = _Notes(beside=(beside,) if beside else ())
        self._notes = {entry: self._notes.get(entry, fresh) for entry in sorted(set(entries))}
        lines = [*_HEADER, *self._head, ""] if self._head else [*_HEADER]
        for entry, notes in self._notes.items():
            lines += [*notes.above, f"{entry}  # {'; '.join(notes.beside)}" if notes.beside else str(entry)]
        new = self.path.with_name(f"{self.path.name}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            new.write_text("".join(f"{line}\n" for line in (*lines, *self._below)), encoding="utf-8", newline="\n")
            new.replace(self.path)
        except OSError as error:
            msg = f"the baseline {self.path} cannot be written ({error}); name a file that can be written"
            raise ConfigurationError(msg) from None
