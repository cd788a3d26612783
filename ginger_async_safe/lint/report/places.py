"""Places in source, with paths relative to the working directory."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from ginger_async_safe._reporting.writing import shown_path

if TYPE_CHECKING:
    from pathlib import Path

    from ginger_async_safe.lint.domain.findings import Step

__all__ = ["MORE", "at", "file_of", "label", "line_of", "place_of"]

MORE = "further calls of it below this line are not listed"
"""What formats add to a finding that has more like it."""


def file_of(path: Path) -> str:
    """Return a path as text; cached, since a report names the same few files thousands of times."""
    return _shown(path, os.getcwd())  # noqa: PTH109 - a Path object is slow to make


def at(path: Path, line: int = 0, column: int = 0, cell: int = 0) -> str:
    """Return a place as editors and terminals turn it into a link; a line, column or cell of 0 is left out."""
    parts = [file_of(path), f"cell {cell}" if cell else "", str(line or ""), str(column or "")]
    return ":".join(filter(None, parts))


def place_of(step: Step) -> str:
    """Return the file, line and column of a step, and its cell in a notebook."""
    return at(step.path, step.line, step.column, step.cell)


def line_of(step: Step) -> str:
    """Return the file, line, column and function of a step."""
    return f"{place_of(step)} in {label(step)}"


def label(step: Step) -> str:
    """Return a function's name with its class, as in reports at run time; its file shows its module."""
    names = step.function.split(".")
    file = _parts(step.path)
    of_module = next((count for count in range(len(names) - 1, 0, -1) if names[:count] == file[-count:]), 0)
    return ".".join(names[of_module:]).rpartition("<locals>.")[2]


@lru_cache(maxsize=4096)
def _shown(path: Path, _here: str) -> str:
    return shown_path(path)


@lru_cache(maxsize=4096)
def _parts(path: Path) -> list[str]:
    """Return what the dotted name of a file's module ends with, or more."""
    return [*path.parts[:-1], *([] if path.stem == "__init__" else [path.stem])]
