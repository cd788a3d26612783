"""A baseline: the violations that a code base is known to make, so that only new ones have to be mended at once.

It is a text file of one line an entry, sorted: ``CALL at PLACE``, both by qualified name, so that neither a changed line
number nor the order of a merge matters. What follows a ``#`` belongs to the entry and is kept.

One file serves runs, which see what is called, and the check, which reads source: neither sees all that the other does. An
entry belongs to the one that wrote it, and that one alone judges whether it is mended; those of the check say so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe._qualnames import lasting_name
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ginger_async_safe.violation import Place, Violation

__all__ = ["BY_CHECK", "Baseline", "Entry", "entry_of"]

BY_CHECK = "by check"
"""What the check writes beside its entries, after the ``#``."""

_THE_LOOP = "<event loop>"
_HEADER = (
    "# Guarded calls that this code is known to make where an event loop waits for them, as: CALL at PLACE",
    "# They pass, others fail. Mend one, then let it go. Written by ginger_async_safe.",
)
_LINE = re.compile(r"(?P<call>\S+) at (?P<place>[^#]*[^#\s])\s*(?:#\s*(?P<comment>.*))?")


class Entry(NamedTuple):
    """One guarded call in one function.

    Attributes:
        call: The qualified name of the guarded call.
        place: The qualified name of the function that makes it.
    """

    call: str
    place: str

    def __str__(self) -> str:
        return f"{self.call} at {self.place}"


def entry_of(violation: Violation) -> Entry:
    """Return the entry that a violation falls under."""
    return Entry(violation.call, _qualified(violation.made_at))


def _qualified(place: Place | None) -> str:
    return _THE_LOOP if place is None else f"{place.module}.{lasting_name(place)}"


class _Notes(NamedTuple):
    """What people wrote to an entry: lines above it, and texts after its ``#``."""

    above: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def and_those_of(self, other: _Notes) -> _Notes:
        """Return both: a merge may have left an entry twice."""
        return _Notes(*(tuple(dict.fromkeys(mine + theirs)) for mine, theirs in zip(self, other, strict=True)))

    def texts(self) -> set[str]:
        """Return the texts beside it, those too that were joined when the file was written."""
        return {text.strip() for joined in self.beside for text in joined.split(";")}


class Baseline:
    """The entries of a baseline file, with what is written beside them.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path: Path = path
        self._notes: dict[Entry, _Notes] = {}
        self._head: list[str] = []
        self._below: list[str] = []

    @classmethod
    def read(cls, path: Path, *, update: str = "--async-safe-update-baseline") -> Baseline:
        """Read a file.

        Args:
            path: The file.
            update: The option that writes it.

        Raises:
            ConfigurationError: Where it cannot be read, or a line is no entry.
        """
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except FileNotFoundError:
            msg = f"the baseline {path} is not there; {update} writes it"
            raise ConfigurationError(msg) from None
        except (OSError, UnicodeDecodeError) as error:
            msg = f"the baseline {path} cannot be read ({error}); name another file, or make it one in UTF-8"
            raise ConfigurationError(msg) from None
        baseline = cls(path)
        above: list[str] = []
        for number, text in enumerate(map(str.strip, lines), 1):
            if text.startswith("#"):
                above += [] if text in _HEADER else [text]
            elif text:
                found = _LINE.fullmatch(text)
                if found is None:
                    msg = (
                        f"{path}:{number}: {text!r} is no entry of a baseline; write CALL at PLACE, or delete the line"
                    )
                    raise ConfigurationError(msg)
                entry = Entry(found["call"], found["place"])
                notes = _Notes(tuple(above), (found["comment"],) if found["comment"] else ())
                baseline._notes[entry] = baseline._notes.get(entry, _Notes()).and_those_of(notes)
                above.clear()
            elif not baseline._notes:  # comments that an empty line parts from the first entry are the file's own
                baseline._head += above
                above.clear()
        baseline._below = above
        return baseline

    def __contains__(self, entry: Entry) -> bool:
        return entry in self._notes

    def __len__(self) -> int:
        return len(self._notes)

    @property
    def entries(self) -> frozenset[Entry]:
        """The entries."""
        return frozenset(self._notes)

    @property
    def of_check(self) -> frozenset[Entry]:
        """The entries that the check wrote."""
        return frozenset(entry for entry, notes in self._notes.items() if BY_CHECK in notes.texts())

    def write(self, entries: Iterable[Entry], *, beside: str = "") -> None:
        """Write these entries in the place of those there were, with the comments of those that stay.

        Args:
            entries: The entries.
            beside: What to write beside those that are new.

        Raises:
            ConfigurationError: Where the file cannot be written.
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
            msg = f"the baseline {self.path} cannot be written ({error}); name a file that can"
            raise ConfigurationError(msg) from None
