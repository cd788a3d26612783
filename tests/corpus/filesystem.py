"""Other access to the file system: status, listing, changes, locks."""
# ruff: noqa: ASYNC240, PTH101, PTH103, PTH104, PTH107, PTH110, PTH116, PTH202, PTH207, PTH208, PTH211 - by every name

from __future__ import annotations

import fcntl
import glob
import os
import shutil
from importlib import import_module
from typing import TYPE_CHECKING, Any

from corpus.helpers import soon, text_file
from corpus.scenario import blocks, cleanup, workdir

if TYPE_CHECKING:
    from corpus.scenario import Run


@blocks("os.stat")
def os_stat() -> Run:
    """Read a file's status."""
    path = text_file()

    async def run() -> None:
        os.stat(path)  # HERE

    return run


@blocks("os.path.exists", "os.stat")
def path_exists_by_os() -> Run:
    """Check with ``os.path`` whether a file exists."""
    path = text_file()

    async def run() -> None:
        os.path.exists(path)  # HERE

    return run


@blocks("os.path.getsize", "os.stat")
def getsize() -> Run:
    """Read a file's size."""
    path = text_file()

    async def run() -> None:
        os.path.getsize(path)  # HERE

    return run


@blocks("os.path.realpath", "os.lstat", "os.readlink")
def realpath() -> Run:
    """Resolve a path's symbolic links."""
    path = text_file()

    async def run() -> None:
        os.path.realpath(path)  # HERE

    return run


@blocks("pathlib.Path.exists", "os.path.exists", "pathlib.Path.stat", "os.stat")
def path_exists() -> Run:
    """Check whether a path exists."""
    path = text_file()

    async def run() -> None:
        path.exists()  # HERE

    return run


@blocks("pathlib.Path.is_file", "os.path.isfile", "pathlib.Path.stat", "os.stat")
def path_is_file() -> Run:
    """Check whether a path is a file."""
    path = text_file()

    async def run() -> None:
        path.is_file()  # HERE

    return run


@blocks("os.access")
def access() -> Run:
    """Check whether a file may be read."""
    path = text_file()

    async def run() -> None:
        os.access(path, os.R_OK)  # HERE

    return run


@blocks("os.listdir")
def listdir() -> Run:
    """List a directory."""
    path = workdir()

    async def run() -> None:
        os.listdir(path)  # HERE

    return run


@blocks("os.scandir")
def scandir() -> Run:
    """Scan a directory."""
    path = workdir()

    async def run() -> None:
        cleanup.callback(os.scandir(path).close)  # HERE

    return run


@blocks("os.scandir.__next__", "os.ScandirIterator.__next__", "os.scandir")
def scandir_opened_earlier() -> Run:
    """Read the entries of a directory that was opened earlier."""
    text_file()
    entries = cleanup.enter_context(os.scandir(workdir()))

    async def run() -> None:
        list(entries)  # HERE

    return run


@blocks("pathlib.Path.iterdir", "os.listdir", "os.scandir")
def path_iterdir() -> Run:
    """List a path."""
    path = workdir()

    async def run() -> None:
        list(path.iterdir())  # HERE

    return run


@blocks("os.stat", "pathlib.Path.glob", "os.scandir", "os.listdir")
def path_glob() -> Run:
    """Search a path."""
    path = workdir()

    async def run() -> None:
        list(path.glob("*.txt"))  # HERE

    return run


@blocks("glob.glob", "os.scandir", "os.lstat", "os.path.lexists")
def glob_glob() -> Run:
    """Search for files."""
    pattern = str(workdir() / "*.txt")

    async def run() -> None:
        glob.glob(pattern)  # HERE

    return run


@blocks("os.walk", "os.scandir")
def walk() -> Run:
    """Walk through directories."""
    path = workdir()

    async def run() -> None:
        for _ in os.walk(path):  # HERE
            pass

    return run


@blocks("os.rename")
def rename() -> Run:
    """Rename a file."""
    path, new = text_file(), workdir() / "renamed"

    async def run() -> None:
        os.rename(path, new)  # HERE

    return run


@blocks("pathlib.Path.replace", "os.replace")
def path_replace() -> Run:
    """Move a path over another one."""
    path, new = text_file(), workdir() / "renamed"

    async def run() -> None:
        path.replace(new)  # HERE

    return run


@blocks("os.remove", "os.unlink")
def remove() -> Run:
    """Remove a file."""
    path = text_file()

    async def run() -> None:
        os.remove(path)  # HERE

    return run


@blocks("pathlib.Path.unlink", "os.unlink")
def path_unlink() -> Run:
    """Remove a path."""
    path = text_file()

    async def run() -> None:
        path.unlink()  # HERE

    return run


@blocks("os.makedirs", "os.mkdir", "os.path.exists", "os.stat")
def makedirs() -> Run:
    """Create a directory and its parents."""
    path = workdir() / "one" / "two"

    async def run() -> None:
        os.makedirs(path)  # HERE

    return run


@blocks("os.symlink")
def symlink() -> Run:
    """Create a symbolic link."""
    path, new = text_file(), workdir() / "link"

    async def run() -> None:
        os.symlink(path, new)  # HERE

    return run


@blocks("os.chmod", "pathlib.Path.chmod")
def chmod() -> Run:
    """Change a file's permissions."""
    path = text_file()

    async def run() -> None:
        os.chmod(path, 0o600)  # HERE

    return run


@blocks("shutil.copyfile", "os.stat", "open", "io.open")
def copyfile() -> Run:
    """Copy a file."""
    path, new = text_file(), workdir() / "copy"

    async def run() -> None:
        shutil.copyfile(path, new)  # HERE

    return run


@blocks("shutil.rmtree", "os.lstat", "os.open", "os.scandir", "os.rmdir", "os.stat")
def rmtree() -> Run:
    """Remove a directory and what is in it."""
    path = workdir() / "tree"
    path.mkdir()

    async def run() -> None:
        shutil.rmtree(path)  # HERE

    return run


@blocks("fcntl.flock")
def flock_contended() -> Run:
    """Wait for a lock of a file that is held elsewhere."""
    mine, other = (cleanup.enter_context(text_file().open("r+b")) for _ in range(2))
    fcntl.flock(other, fcntl.LOCK_EX)
    trigger = soon(lambda: fcntl.flock(other, fcntl.LOCK_UN))

    async def run() -> None:
        trigger()
        fcntl.flock(mine, fcntl.LOCK_EX)  # HERE

    return run


@blocks("fcntl.lockf")
def lockf() -> Run:
    """Lock a range of a file."""
    file = cleanup.enter_context(text_file().open("r+b"))

    async def run() -> None:
        fcntl.lockf(file, fcntl.LOCK_EX)  # HERE

    return run


@blocks("file.open", "importlib.resources.read_text", "pathlib.Path.read_text", "pathlib.Path.open", "open", "io.open")
def package_resource() -> Run:
    """Read a file that lies in a package."""
    files: Any = import_module("importlib.resources").files
    resource = files("corpus") / "__init__.py"

    async def run() -> None:
        resource.read_text(encoding="utf-8")  # HERE

    return run


@blocks("file.open", "dbm.open", "dbm.dumb.open", "io.open", "open")
def dbm_open() -> Run:
    """Open a key-value file."""
    dumb: Any = import_module("dbm.dumb")
    path = str(workdir() / "values")

    async def run() -> None:
        cleanup.callback(dumb.open(path).close)  # HERE

    return run
