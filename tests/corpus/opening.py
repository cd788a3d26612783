"""Opening files."""
# ruff: noqa: ASYNC230, PTH123, SIM115 - this blocks on purpose, and closes files when the guard is off

from __future__ import annotations

import io
import os
import tempfile
from typing import TYPE_CHECKING

from corpus.helpers import soon, text_file
from corpus.scenario import blocks, cleanup, workdir

if TYPE_CHECKING:
    from corpus.scenario import Run


@blocks("file.open", "open", "io.open")
def open_for_reading() -> Run:
    """Open a file."""
    path = text_file()

    async def run() -> None:
        file = open(path, encoding="utf-8")  # HERE
        cleanup.callback(file.close)

    return run


@blocks("file.open", "open", "io.open")
def open_in_with() -> Run:
    """Open a file in a ``with`` statement, to write."""
    path = workdir() / "new.txt"

    async def run() -> None:
        with open(path, "w", encoding="utf-8"):  # HERE
            pass

    return run


@blocks("file.open", "io.open", "open")
def io_open() -> Run:
    """Open a file by the function's name in ``io``."""
    path = text_file()

    async def run() -> None:
        cleanup.callback(io.open(path, "rb").close)  # noqa: UP020 # HERE

    return run


@blocks("file.open", "os.open")
def os_open() -> Run:
    """Open a file descriptor."""
    path = text_file()

    async def run() -> None:
        cleanup.callback(os.close, os.open(path, os.O_RDONLY))  # HERE

    return run


@blocks("file.open", "io.FileIO", "io.FileIO.__init__", "open")
def file_io() -> Run:
    """Create a raw file object."""
    path = text_file()

    async def run() -> None:
        cleanup.callback(io.FileIO(path).close)  # HERE

    return run


@blocks("file.open", "pathlib.Path.open", "io.open", "open")
def path_open() -> Run:
    """Open a path."""
    path = text_file()

    async def run() -> None:
        cleanup.callback(path.open("rb").close)  # HERE

    return run


@blocks("file.open", "open", "io.open")
def open_fifo() -> Run:
    """Open a FIFO, which waits until the other end is opened."""
    path = workdir() / "fifo"
    os.mkfifo(path)
    trigger = soon(lambda: os.open(path, os.O_WRONLY))

    async def run() -> None:
        trigger()
        cleanup.callback(open(path, "rb", buffering=0).close)  # HERE

    return run


@blocks("file.open", "tempfile.NamedTemporaryFile", "tempfile.mkstemp", "os.open", "open", "io.open")
def temporary_file() -> Run:
    """Create a temporary file."""
    directory = workdir()
    tempfile.gettempdir()

    async def run() -> None:
        cleanup.callback(tempfile.NamedTemporaryFile(dir=directory).close)  # HERE

    return run


@blocks("tempfile.mkdtemp", "os.mkdir")
def temporary_directory() -> Run:
    """Create a temporary directory."""
    directory = workdir()

    async def run() -> None:
        tempfile.mkdtemp(dir=directory)  # HERE

    return run
