"""What a check reads: the files to check, their context, standard input, and what has changed."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe._reporting.writing import shown_path
from ginger_async_safe.cli.check_options import STDIN
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from ginger_async_safe.lint.check.settings import CheckSettings

__all__ = ["Inputs", "inputs_of", "paths_of"]

_MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", "manage.py", ".git", ".hg")
"""What the folder of a project has."""


class Inputs(NamedTuple):
    """What a check reads.

    Attributes:
        paths: The files and folders to check.
        context: The files and folders that they belong to; none where these are all of the project.
        contents: The contents of the file that standard input stands for.
        changed: The files that call chains have to pass through; ``None`` where they need not.
        partial: Why the check does not cover the whole project; empty where it does.
    """

    paths: list[Path]
    context: list[Path]
    contents: Mapping[Path, bytes]
    changed: frozenset[Path] | None
    partial: str


def inputs_of(args: argparse.Namespace, settings: CheckSettings, root: Path) -> Inputs:
    """Return what a check reads, given its arguments.

    Raises:
        ConfigurationError: Where an argument or setting cannot be used.
    """
    names = list(args.paths)
    if STDIN in names or args.stdin_filename is not None:
        return _of_stdin(args, names, settings, root)
    changed = None
    if args.changed is not None:
        from ginger_async_safe.cli.changed_files import changed_files, is_commit  # noqa: PLC0415 - only this needs processes

        reference = args.changed
        if not is_commit(root, reference) and Path(reference).exists():
            names, reference = [reference, *names], "HEAD"  # git, too, takes what is no commit for a path
        changed = frozenset(_in_project(path, root) for path in changed_files(root, reference))
    paths = [_in_project(path, root) for path in paths_of(names, settings, root)]
    partial = _why_partial(paths, settings, root)
    context = _context(paths, settings, root) if partial else []
    if changed is not None:
        partial = partial or "only call chains through what has changed were reported"
    return Inputs(paths, context, {}, changed, partial)


def paths_of(names: list[str], settings: CheckSettings, root: Path) -> list[Path]:
    """Return the files and folders to read: the arguments, else the settings' paths, else the working directory.

    Raises:
        ConfigurationError: Where one is not there.
    """
    paths = [Path(name).absolute() for name in names] or [root / path for path in settings.paths] or [Path.cwd()]
    for path in paths:
        if not path.exists() and not path.is_symlink():
            source = "" if names else f" (paths from {settings.source})"
            msg = f"there is no file or folder {shown_path(path)}{source}; give one that exists"
            raise ConfigurationError(msg)
    return paths


def _of_stdin(args: argparse.Namespace, names: list[str], settings: CheckSettings, root: Path) -> Inputs:
    if names not in ([], [STDIN]):
        msg = "standard input is one file: name no other path beside - and --stdin-filename"
        raise ConfigurationError(msg)
    for option in ("changed", "watch", "add_suppressions", "update_baseline"):
        if getattr(args, option):
            msg = f"--{option.replace('_', '-')} needs files, and standard input is none; give paths instead of -"
            raise ConfigurationError(msg)
    name = args.stdin_filename or STDIN
    path = _in_project(Path(name).absolute(), root)
    if path.is_dir():
        msg = f"--stdin-filename: {name} is a folder; name the file that standard input is the content of"
        raise ConfigurationError(msg)
    context = [] if args.stdin_filename is None else _context([path], settings, root)
    return Inputs([], context, {path: _standard_input()}, None, "only standard input was checked")


def _standard_input() -> bytes:
    try:
        if sys.stdin is not None:  # as where a process is started with it closed
            return sys.stdin.buffer.read()
        why = "it is closed"
    except OSError as error:
        why = str(error.strerror)
    msg = f"standard input cannot be read: {why}; give it the contents of a file"
    raise ConfigurationError(msg)


def _in_project(path: Path, root: Path) -> Path:
    """Return a path as a walk through the project would give it, whatever links and dots lead to it."""
    real = path.resolve() if path.is_dir() else path.parent.resolve() / path.name
    real_root = root.resolve()
    return root / real.relative_to(real_root) if real.is_relative_to(real_root) else path


def _why_partial(paths: list[Path], settings: CheckSettings, root: Path) -> str:
    """Return why a check cannot find unused suppressions and baseline entries; an empty text where it can."""
    covered = [path.resolve() for path in paths]
    for path in [(root / path).resolve() for path in settings.paths] or [root.resolve()]:
        if not any(path.is_relative_to(each) for each in covered):
            return f"the check did not cover all of {shown_path(path)} (paths in [tool.ginger_async_safe.check] can name less)"
    return ""


def _context(paths: list[Path], settings: CheckSettings, root: Path) -> list[Path]:
    """Return the folders that what is named belongs to: those of the settings, else the project's, without any below another."""
    found: list[Path] = []
    for path in paths:
        if path.is_relative_to(root) and (settings.paths or (root / "pyproject.toml").is_file()):
            found += [root / each for each in settings.paths] or [root]
        else:
            found.append(_project_of(path, root))
    return [
        path for path in dict.fromkeys(found) if not any(path != each and path.is_relative_to(each) for each in found)
    ]


def _project_of(path: Path, root: Path) -> Path:
    """Return the folder of the project that a path is in, where no settings say it.

    It is the nearest one that has what projects have; else the working directory, unless all kinds of files are in it, as in
    the home directory; else the outermost package.
    """
    folder = path if path.is_dir() else path.parent
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - it returns the text where there is no home
    shared = {home, Path(folder.anchor), Path(tempfile.gettempdir())}
    for each in (folder, *folder.parents):
        if any((each / name).exists() for name in _MARKERS):
            return each
        if each in shared:
            break
        if each == root:
            return each
    while (folder.parent / "__init__.py").is_file():
        folder = folder.parent
    return folder
