"""Source files: which ones are read, how they are decoded, and the names of their modules."""

from __future__ import annotations

import fnmatch
import hashlib
import io
import os
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Source", "decoded", "digest", "files_below", "names_of"]

_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist", "venv", "env"})


class Source(NamedTuple):
    """A source file.

    Attributes:
        path: The file.
        data: Its contents.
        digest: A digest of the contents, in hexadecimal digits.
    """

    path: Path
    data: bytes
    digest: str


def digest(data: bytes) -> str:
    """Return a digest of contents, in hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def decoded(data: bytes) -> str:
    """Return the text of a Python file (PEP 263).

    Raises:
        SyntaxError: Where its encoding is unknown.
        UnicodeDecodeError: Where it is not in the encoding that it declares.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding)


def files_below(paths: Sequence[Path], *, root: Path, exclude: Sequence[str] = ()) -> Iterator[Path]:
    """Yield Python files, and those below folders, each once and in order.

    Hidden folders, virtual environments and build folders are skipped, unless a path names them.

    Args:
        paths: Files and folders.
        root: The folder of the project, from which patterns count.
        exclude: Patterns of files and folders to skip.
    """
    seen: set[Path] = set()
    for path in paths:
        for file in [path] if path.is_file() else _in_folder(path, root, exclude):
            if file not in seen:
                seen.add(file)
                yield file


def _in_folder(folder: Path, root: Path, exclude: Sequence[str]) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        here = Path(where)
        folders[:] = sorted(
            name for name in folders if not _is_skipped(here, name) and not _is_excluded(here / name, root, exclude)
        )
        for name in sorted(names):
            if name.endswith(".py") and not _is_excluded(here / name, root, exclude):
                yield here / name


def _is_skipped(here: Path, name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED or (here / name / "pyvenv.cfg").is_file()


def _is_excluded(path: Path, root: Path, exclude: Sequence[str]) -> bool:
    if not exclude:
        return False
    try:
        name = path.relative_to(root).as_posix()
    except ValueError:
        name = path.as_posix()
    return any(fnmatch.fnmatch(name, pattern.rstrip("/")) for pattern in exclude)


def names_of(path: Path, root: Path) -> tuple[str, ...]:
    """Return the dotted names that a file's module may have, the likeliest first.

    Folders with an ``__init__.py`` are packages. Above them it depends on how the program is started: each folder
    up to the project's own may be on ``sys.path``.

    Args:
        path: The file.
        root: The folder of the project.
    """
    parts = [] if path.name == "__init__.py" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    if not parts:  # an __init__.py at the root of all
        parts = [path.parent.name]
    names = [".".join(parts)]
    while folder not in (root, folder.parent) and folder.is_relative_to(root) and folder.name.isidentifier():
        if folder.name != "src":
            parts.insert(0, folder.name)
            names.append(".".join(parts))
        folder = folder.parent
    return tuple(reversed(names))
