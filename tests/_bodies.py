"""What the check finds in the bodies of many async functions, read at once."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.check.settings import CheckSettings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["found_in"]


def found_in(folder: Path, head: Iterable[str], parameters: str, bodies: list[str]) -> list[set[str]]:
    """Return the ids that the check finds in each body.

    Args:
        folder: An empty folder for the program.
        head: The lines above the functions.
        parameters: The parameters of each function, as its source has them.
        bodies: The bodies.
    """
    lines = [*head]
    starts = []
    for number, body in enumerate(bodies):
        lines.append(f"async def function_{number}({parameters}):")
        starts.append(len(lines))
        lines += textwrap.indent(body, "    ").splitlines()
    (folder / "shop.py").write_text("\n".join(lines), encoding="utf-8")
    report = engine.check([folder], root=folder, settings=CheckSettings())
    found: list[set[str]] = [set() for _ in bodies]
    for finding in report.findings:
        found[sum(start < finding.chain[0].line for start in starts) - 1].add(finding.id)
    return found
