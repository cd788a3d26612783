"""Places in the source that was read, as a person at this working directory would write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._reporting.writing import shown_path

if TYPE_CHECKING:
    from ginger_async_safe.lint.findings import Step

__all__ = ["label", "line_of"]


def line_of(step: Step) -> str:
    """Return the file, line and column, as editors and terminals make a link of it, and the function."""
    return f"{shown_path(step.path)}:{step.line}:{step.column} in {label(step)}"


def label(step: Step) -> str:
    """Return a function's name with its class, as reports at run time have it; its module is known from its file."""
    names = step.function.split(".")
    file = [*step.path.parts[:-1], *([] if step.path.stem == "__init__" else [step.path.stem])]
    of_module = next((count for count in range(len(names) - 1, 0, -1) if names[:count] == file[-count:]), 0)
    return ".".join(names[of_module:]).rpartition("<locals>.")[2]
