"""Source code of packages from the index, for ``field_check.py``: downloaded as wheels and unpacked, never installed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import PurePosixPath
from shutil import rmtree
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from _field_tables import Package

__all__ = ["NotAvailable", "unpacked"]

# A wheel is only read, so one for any of these will do: old versions have wheels for old Pythons alone.
PYTHONS = ("3.13", "3.12", "3.9", "3.7")
TESTS = frozenset({"test", "tests"})


class NotAvailable(Exception):  # noqa: N818 - it is no error: the package is left out, with this message
    """A package cannot be had here."""


def unpacked(package: Package, into: Path) -> Path:
    """Return a folder with the source of a package, without its tests.

    Raises:
        NotAvailable: There is no wheel of that version, or no index.
    """
    wheel = _wheel(package, into / "wheels" / f"{package.name}-{package.version}")
    sources = into / "sources" / f"{package.name}-{package.version}"
    rmtree(sources, ignore_errors=True)
    sources.mkdir(parents=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(sources, [name for name in archive.namelist() if is_read(name, package.only)])
    return sources


def is_read(name: str, only: tuple[str, ...]) -> bool:
    """Return whether a file of a wheel is read: Python, not a test, and of the parts that are asked for."""
    path = PurePosixPath(name)
    if path.suffix != ".py" or not TESTS.isdisjoint(path.parts):
        return False
    return not only or any(fnmatch(name, pattern) for pattern in only)


def _wheel(package: Package, folder: Path) -> Path:
    """Return the wheel, from the cache or the index."""
    said = ""
    for python in PYTHONS:
        if found := list(folder.glob("*.whl")):
            return found[0]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--ignore-requires-python", f"--python-version={python}"]
        command += [f"--dest={folder}", f"{package.name}=={package.version}"]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        said = said or (done.stderr.strip().splitlines() or [""])[-1]
    if found := list(folder.glob("*.whl")):
        return found[0]
    message = f"{package} cannot be had: {said}"
    raise NotAvailable(message)
