"""Writing to files, most of which were opened before the guard was on."""

from __future__ import annotations

import csv
import json
import logging
import mmap
import os
from typing import TYPE_CHECKING

from corpus.helpers import text_file
from corpus.scenario import blocks, cleanup, workdir

if TYPE_CHECKING:
    from corpus.scenario import Run


@blocks("file.write", "io.TextIOWrapper.write")
def write_text() -> Run:
    """Write more to a text file than its buffers hold."""
    file = cleanup.enter_context((workdir() / "new.txt").open("w", encoding="utf-8"))
    text = "line\n" * 100_000

    async def run() -> None:
        file.write(text)  # HERE

    return run


@blocks("file.write", "io.BufferedWriter.write")
def write_binary() -> Run:
    """Write more to a binary file than its buffer holds."""
    file = cleanup.enter_context((workdir() / "new").open("wb"))
    data = bytes(500_000)

    async def run() -> None:
        file.write(data)  # HERE

    return run


@blocks("file.write", "io.FileIO.write")
def write_raw() -> Run:
    """Write to a raw file."""
    file = cleanup.enter_context((workdir() / "new").open("wb", buffering=0))

    async def run() -> None:
        file.write(b"line\n")  # HERE

    return run


@blocks("file.write", "io.TextIOWrapper.writelines", "io.IOBase.writelines", "io.TextIOWrapper.write")
def writelines() -> Run:
    """Write many lines to a text file."""
    file = cleanup.enter_context((workdir() / "new.txt").open("w", encoding="utf-8"))
    lines = ["line\n"] * 100_000

    async def run() -> None:
        file.writelines(lines)  # HERE

    return run


@blocks("file.write", "io.TextIOWrapper.flush")
def flush_text() -> Run:
    """Flush what was written earlier."""
    file = cleanup.enter_context((workdir() / "new.txt").open("w", encoding="utf-8"))
    file.write("line\n")

    async def run() -> None:
        file.flush()  # HERE

    return run


@blocks("file.write", "io.TextIOWrapper.close", "io.TextIOWrapper.flush")
def close_with_something_to_write() -> Run:
    """Close a file whose buffer still contains data."""
    file = (workdir() / "new.txt").open("w", encoding="utf-8")
    file.write("line\n")
    cleanup.callback(file.close)

    async def run() -> None:
        file.close()  # HERE

    return run


@blocks("file.write", "io.TextIOWrapper.flush", "io.TextIOWrapper.write", "print")
def print_to_file() -> Run:
    """Print to a file, and flush it."""
    file = cleanup.enter_context((workdir() / "new.txt").open("w", encoding="utf-8"))

    async def run() -> None:
        print("line", file=file, flush=True)  # HERE

    return run


@blocks("file.write", "io.TextIOWrapper.write", "csv.writer.writerow", "csv.writer.writerows")
def csv_writer() -> Run:
    """Write CSV rows, for which C code writes the file."""
    rows = csv.writer(cleanup.enter_context((workdir() / "new.csv").open("w", encoding="utf-8", newline="")))
    many = [["one", "two"]] * 100_000

    async def run() -> None:
        rows.writerows(many)  # HERE

    return run


@blocks("file.write", "json.dump", "io.TextIOWrapper.write")
def json_dump() -> Run:
    """Dump JSON to a file."""
    file = cleanup.enter_context((workdir() / "new.json").open("w", encoding="utf-8"))
    data = ["text"] * 50_000

    async def run() -> None:
        json.dump(data, file)  # HERE

    return run


@blocks("os.write")
def os_write() -> Run:
    """Write to a descriptor."""
    descriptor = os.open(workdir() / "new", os.O_WRONLY | os.O_CREAT)
    cleanup.callback(os.close, descriptor)

    async def run() -> None:
        os.write(descriptor, b"line\n")  # HERE

    return run


@blocks("os.fsync")
def fsync() -> Run:
    """Wait until a file is on the disk."""
    file = cleanup.enter_context((workdir() / "new").open("wb", buffering=0))
    file.write(b"line\n")

    async def run() -> None:
        os.fsync(file.fileno())  # HERE

    return run


@blocks("mmap.mmap.flush", "mmap.flush")
def mmap_flush() -> Run:
    """Wait until mapped memory is on the disk."""
    file = cleanup.enter_context((workdir() / "new").open("w+b"))
    file.truncate(4096)
    mapped = cleanup.enter_context(mmap.mmap(file.fileno(), 4096))
    mapped[0:4] = b"line"

    async def run() -> None:
        mapped.flush()  # HERE

    return run


@blocks("file.truncate", "io.FileIO.truncate", "io.TextIOWrapper.truncate", "io.BufferedWriter.truncate")
def truncate_file() -> Run:
    """Truncate a file that was opened earlier."""
    file = cleanup.enter_context(text_file().open("r+b", buffering=0))

    async def run() -> None:
        file.truncate(3)  # HERE

    return run


@blocks("os.truncate")
def os_truncate() -> Run:
    """Truncate a file by its path."""
    path = text_file()

    async def run() -> None:
        os.truncate(path, 3)  # HERE

    return run


@blocks("file.open", "pathlib.Path.write_text", "pathlib.Path.open", "io.open", "open")
def path_write_text() -> Run:
    """Write a path's text."""
    path = workdir() / "new.txt"

    async def run() -> None:
        path.write_text("line\n", encoding="utf-8")  # HERE

    return run


@blocks(
    "logging.FileHandler.emit",
    "io.TextIOWrapper.write",
    "io.TextIOWrapper.flush",
    "logging.StreamHandler.emit",
    "logging.Logger.info",
)
def log_to_file() -> Run:
    """Log to a file."""

    class Handler(logging.FileHandler):
        def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
            raise  # noqa: PLE0704 - logging calls this while it handles the error

    handler = Handler(workdir() / "log", encoding="utf-8")
    cleanup.callback(handler.close)
    logger = logging.getLogger("corpus")
    logger.addHandler(handler)

    async def run() -> None:
        logger.warning("line")  # HERE

    return run
