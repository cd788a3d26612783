"""Finding the packages that a command line names as first party: the application of a server, or the program itself."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["packages_of"]

_APPLICATION = re.compile(r"(?:(?:asgi|wsgi|file):)?(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?:\.py)?:[^\W\d][\w.()]*")
"""The application argument of servers: ``shop.asgi:application``."""

_RUN_OTHERS = frozenset(
    [
        "IPython",
        "aiohttp",
        "celery",
        "coverage",
        "daphne",
        "debugpy",
        "django",
        "fastapi",
        "flask",
        "gingerdj",
        "granian",
        "gunicorn",
        "hypercorn",
        "ipykernel",
        "jupyter",
        "litestar",
        "pdb",
        "pytest",
        "quart",
        "robyn",
        "sanic",
        "streamlit",
        "trio",
        "twisted",
        "uvicorn",
        "watchfiles",
    ]
)
"""Packages whose programs run code of other packages."""


def packages_of(program: Sequence[str]) -> list[str]:
    """Return the top-level packages that count as first party, even if they are installed.

    Args:
        program: The command line of the program.
    """
    applications = [found["module"] for arg in program if (found := _APPLICATION.fullmatch(arg))]
    if applications:
        return sorted({each.partition(".")[0] for each in applications})
    module = _module_of(program).partition(".")[0]
    return [module] if module not in _RUN_OTHERS else []


def _module_of(program: Sequence[str]) -> str:
    """Return the module that runs: that of ``-m`` or of an installed command, else ``__main__``."""
    for index, arg in enumerate(program[:-1]):
        if arg == "-m":
            return program[index + 1]
        if not arg.startswith("-"):
            break
    name = Path(program[0]).name if program else ""
    return next((each.module for each in entry_points(group="console_scripts", name=name)), "__main__")
