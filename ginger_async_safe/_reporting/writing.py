"""Writing a report to a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ginger_async_safe.exceptions import ConfigurationError

__all__ = ["in_json", "shown_path", "write"]


def in_json(plain: dict[str, Any]) -> str:
    """Return plain values as indented JSON."""
    return json.dumps(plain, indent=2) + "\n"


def write(text: str, path: Path, option: str) -> None:
    """Write a report.

    Args:
        text: The report.
        path: The file; missing directories are created.
        option: The option that names the file, for the error.

    Raises:
        ConfigurationError: If the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="backslashreplace")  # names of files need not be UTF-8
    except OSError as error:
        msg = f"{option}={path} cannot be written ({error}); name a file that can be written"
        raise ConfigurationError(msg) from None


def shown_path(path: Path) -> str:
    """Return a path relative to the working directory, if it is below it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
