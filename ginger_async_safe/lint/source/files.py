"""Source files: which ones are read, how they are decoded, and the names of their modules."""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import io
import os
import stat
import tokenize
import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = [
    "STUB",
    "STUB_SUFFIX",
    "Files",
    "LeftOut",
    "Source",
    "decoded",
    "digest",
    "files_below",
    "is_matched",
    "names_of",
]

_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist", "venv", "env"})
_READ = (".py", ".ipynb")

STUB_SUFFIX = ".pyi"
STUB = "a stub, which has nothing to run"
"""Why a ``.pyi`` file is left out."""

_KINDS = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


class Source(NamedTuple):
    """A source file.

    Attributes:
        path: The file.
        data: Its source as Python: its contents or, of a notebook, its cells below one another.
        digest: A digest of its contents, in hexadecimal digits.
    """

    path: Path
    data: bytes
    digest: str


class LeftOut(NamedTuple):
    """A file or folder that is not read, because it is no source.

    Attributes:
        path: The file or folder.
        why: What it is instead; of the context, why it cannot be read.
        is_context: Whether it is not to be checked, but would be read for what is.
    """

    path: Path
    why: str
    is_context: bool = False


class Files(NamedTuple):
    """The files below some paths.

    Attributes:
        sources: The source files, each once and in order.
        left_out: What else is there with the name of a source file, and links to folders.
        failed: What is there and cannot be read, with the reason.
    """

    sources: list[Path]
    left_out: list[LeftOut]
    failed: list[LeftOut]


def digest(data: bytes) -> str:
    """Return a digest of contents, in hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def decoded(data: bytes) -> str:
    """Return the text of a Python file (PEP 263).

    Raises:
        SyntaxError: Where its encoding is unknown, or is none of text.
        UnicodeDecodeError: Where it is not in the encoding that it declares.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if encoding.startswith("utf-8"):
            return data.decode(encoding)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # codecs warn about contents, which are not ours
            return data.decode(encoding)
    except (
        LookupError
    ) as error:  # of a codec of something else; which of the two calls it is depends on the version of Python
        msg = str(error).partition(";")[0]
        raise SyntaxError(msg) from None


def files_below(paths: Sequence[Path], *, root: Path, exclude: Sequence[str] = ()) -> Files:
    """Return Python files and notebooks, and those below folders.

    Hidden folders, virtual environments and build folders are skipped, unless a path names them. Links to folders are not
    followed. A file that a path names is read whatever its name is.

    Args:
        paths: Files and folders.
        root: The folder of the project, from which patterns count.
        exclude: Patterns of files and folders to skip.
    """
    found = Files([], [], [])
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir():
            _in_folder(path, root, exclude, found, seen)
        elif path not in seen:
            seen.add(path)
            _sort_in(path, found, is_named=True)
    return found


def _in_folder(folder: Path, root: Path, exclude: Sequence[str], found: Files, seen: set[Path]) -> None:
    """Add what is below a folder: its files before its folders, both in the order of their names.

    The entries of a folder say what they are, so that neither files nor folders are looked at one by one, as ``os.walk`` would.
    """
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            found.failed.append(LeftOut(here, error.strerror or str(error)))
            continue
        if here is not folder and any(entry.name == "pyvenv.cfg" for entry in inside):
            continue
        folders = []
        for entry in inside:
            is_folder = entry.is_dir(follow_symlinks=False) or (entry.is_symlink() and os.path.isdir(entry.path))  # noqa: PTH112
            if _is_skipped(entry.name) if is_folder else not entry.name.endswith((*_READ, STUB_SUFFIX)):
                continue
            path = here / entry.name
            if path in seen or _is_excluded(path, root, exclude):
                continue
            if not is_folder:
                seen.add(path)
                _sort_in(path, found, is_file=entry.is_file(follow_symlinks=False))
            elif entry.is_symlink():
                found.left_out.append(LeftOut(path, _link_to_folder(path)))
            else:
                folders.append(path)
        waiting += reversed(folders)


def _sort_in(path: Path, found: Files, *, is_named: bool = False, is_file: bool = False) -> None:
    """Add a file to what it is: a source, left out, or failed."""
    why = (STUB if path.name.endswith(STUB_SUFFIX) else "") if is_file else _why_left_out(path)
    if isinstance(why, OSError):
        found.failed.append(LeftOut(path, why.strerror or str(why)))
    elif not why:
        found.sources.append(path)
    elif is_named and why != STUB:
        found.failed.append(LeftOut(path, f"it is {why}; name a file or folder, or - for standard input"))
    else:
        found.left_out.append(LeftOut(path, why))


def _why_left_out(path: Path) -> str | OSError:
    """Return what a file is that is no source; an empty text for one that is."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if not path.is_symlink():
            return error
        if error.errno == errno.ELOOP:
            return "a symbolic link that leads to itself"
        return "a symbolic link to nothing" if error.errno == errno.ENOENT else error
    if stat.S_ISREG(mode):
        return STUB if path.suffix == STUB_SUFFIX else ""
    return next((why for is_of, why in _KINDS if is_of(mode)), "no file")


def _link_to_folder(path: Path) -> str:
    if path.parent.resolve().is_relative_to(path.resolve()):
        return "a symbolic link to a folder above it"
    return "a symbolic link to a folder; name it to have it read"


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED


def _is_excluded(path: Path, root: Path, exclude: Sequence[str]) -> bool:
    return any(is_matched(path, pattern, root) for pattern in exclude)


def is_matched(path: Path, pattern: str, root: Path) -> bool:
    """Return whether a glob is for a file or folder, or for a folder that it is in.

    It is compared with the path or, where it has no slash, also with each name in it.

    Args:
        path: The file or folder.
        pattern: The glob, in which ``*`` matches slashes too.
        root: The folder of the project, from which patterns count.
    """
    pattern = pattern.removeprefix("./").rstrip("/")
    try:
        parts = path.relative_to(root).parts
    except ValueError:
        parts = path.parts[1:]
    candidates = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    if "/" not in pattern:
        candidates += parts
    patterns = (pattern, pattern[3:]) if pattern.startswith("**/") else (pattern,)
    return any(fnmatch.fnmatch(name, each) for name in candidates for each in patterns)


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
