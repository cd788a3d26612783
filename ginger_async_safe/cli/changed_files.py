"""Which files git says have changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ginger_async_safe.exceptions import ConfigurationError

__all__ = ["changed_files", "is_commit"]


def changed_files(root: Path, reference: str) -> list[Path]:
    """Return the files that differ from a commit, and those that git does not track yet and does not ignore.

    Of a branch that has gone on, the commit is meant where the current one left it. What is deleted is not returned.

    Args:
        root: A folder in the repository.
        reference: The name of the commit, as git takes it.

    Raises:
        ConfigurationError: Where git is missing, there is no repository, or no such commit.
    """
    top = Path(_git(root, "rev-parse", "--show-toplevel").removesuffix("\n"))
    names = _git(top, "ls-files", "-z", "--others", "--exclude-standard")
    if is_commit(root, reference):
        base = _base(top, reference)
        names += _git(top, "diff", "--name-only", "-z", "--no-renames", "--diff-filter=d", "--no-ext-diff", base, "--")
    elif reference == "HEAD":  # of a repository without commits
        names += _git(top, "ls-files", "-z", "--cached")
    else:
        msg = f"--changed: there is no commit {reference!r} in {top}; name one, such as HEAD or a branch"
        raise ConfigurationError(msg)
    return [top / name for name in dict.fromkeys(names.split("\0")) if name]


def is_commit(root: Path, reference: str) -> bool:
    """Return whether a text names a commit of the repository.

    Raises:
        ConfigurationError: Where git is missing.
    """
    if reference.startswith("-"):  # git would take it for an option
        return False
    return _run(root, "rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}").returncode == 0


def _base(top: Path, reference: str) -> str:
    commit = _git(top, "rev-parse", "--verify", f"{reference}^{{commit}}").strip()
    done = _run(top, "merge-base", commit, "HEAD")
    return done.stdout.strip() if done.returncode == 0 else commit  # there is none in a shallow clone


def _git(folder: Path, *words: str) -> str:
    done = _run(folder, *words)
    if done.returncode:
        msg = f"--changed: git says: {done.stderr.strip()}; run it in a repository, or without --changed"
        raise ConfigurationError(msg)
    return done.stdout


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - what the user names cannot be an option
            ["git", "-C", str(folder), *words],  # noqa: S607 - the user's own git
            check=False,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
        )
    except FileNotFoundError:
        msg = "--changed: git is not installed; install it, or run without --changed"
        raise ConfigurationError(msg) from None
