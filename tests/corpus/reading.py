"""Reading files, most of which were opened before the guard was on."""
# ruff: noqa: SIM115 - files are closed when the guard is off

from __future__ import annotations

import configparser
import csv
import fileinput
import gzip
import json
import os
import pickle
import tarfile
import zipfile
from importlib import import_module
from typing import TYPE_CHECKING

from corpus.helpers import text_file
from corpus.scenario import blocks, cleanup, workdir

if TYPE_CHECKING:
    from corpus.scenario import Run


@blocks("file.read", "io.TextIOWrapper.read")
def read_text() -> Run:
    """Read a text file."""
    file = cleanup.enter_context(text_file().open(encoding="utf-8"))

    async def run() -> None:
        file.read()  # HERE

    return run


@blocks("file.read", "io.TextIOWrapper.readline")
def readline_text() -> Run:
    """Read a line of a text file."""
    file = cleanup.enter_context(text_file().open(encoding="utf-8"))

    async def run() -> None:
        file.readline()  # HERE

    return run


@blocks("file.read", "io.TextIOWrapper.readlines", "io.IOBase.readlines", "io.TextIOWrapper.__next__")
def readlines_text() -> Run:
    """Read all lines of a text file."""
    file = cleanup.enter_context(text_file().open(encoding="utf-8"))

    async def run() -> None:
        file.readlines()  # HERE

    return run


@blocks("file.read", "io.TextIOWrapper.__next__", "io.TextIOWrapper.__iter__")
def iterate_text() -> Run:
    """Iterate over the lines of a text file."""
    file = cleanup.enter_context(text_file().open(encoding="utf-8"))

    async def run() -> None:
        for _ in file:  # HERE
            pass

    return run


@blocks("file.read", "io.TextIOWrapper.__next__", "io.TextIOWrapper.__iter__")
def list_of_lines() -> Run:
    """Make a list of a text file."""
    file = cleanup.enter_context(text_file().open(encoding="utf-8"))

    async def run() -> None:
        list(file)  # HERE

    return run


@blocks("file.read", "io.BufferedReader.__next__", "io.BufferedReader.readline")
def iterate_binary() -> Run:
    """Iterate over the lines of a binary file."""
    file = cleanup.enter_context(text_file().open("rb"))

    async def run() -> None:
        for _ in file:  # HERE
            pass

    return run


@blocks("file.read", "io.TextIOWrapper.__next__", "csv.reader.__next__", "csv.reader")
def csv_reader() -> Run:
    """Read CSV rows, for which C code reads the file."""
    rows = csv.reader(cleanup.enter_context(text_file().open(encoding="utf-8")))

    async def run() -> None:
        for _ in rows:  # HERE
            pass

    return run


@blocks("file.read", "io.BufferedReader.read")
def read_binary() -> Run:
    """Read a binary file."""
    file = cleanup.enter_context(text_file().open("rb"))

    async def run() -> None:
        file.read()  # HERE

    return run


@blocks("file.read", "io.BufferedReader.readinto")
def readinto_buffered() -> Run:
    """Read a binary file into a buffer."""
    file = cleanup.enter_context(text_file().open("rb"))
    buffer = bytearray(10)

    async def run() -> None:
        file.readinto(buffer)  # HERE

    return run


@blocks("file.read", "io.FileIO.readinto")
def readinto_raw() -> Run:
    """Read a raw file into a buffer."""
    file = cleanup.enter_context(text_file().open("rb", buffering=0))
    buffer = bytearray(10)

    async def run() -> None:
        file.readinto(buffer)  # HERE

    return run


@blocks("file.read", "io.FileIO.read", "io.FileIO.readall")
def read_raw() -> Run:
    """Read a raw file."""
    file = cleanup.enter_context(text_file().open("rb", buffering=0))

    async def run() -> None:
        file.read()  # HERE

    return run


@blocks("os.read")
def os_read() -> Run:
    """Read from a descriptor."""
    descriptor = os.open(text_file(), os.O_RDONLY)
    cleanup.callback(os.close, descriptor)

    async def run() -> None:
        os.read(descriptor, 10)  # HERE

    return run


@blocks("os.pread")
def os_pread() -> Run:
    """Read at an offset of a descriptor."""
    descriptor = os.open(text_file(), os.O_RDONLY)
    cleanup.callback(os.close, descriptor)

    async def run() -> None:
        os.pread(descriptor, 10, 2)  # HERE

    return run


@blocks("file.read", "json.load", "io.TextIOWrapper.read")
def json_load() -> Run:
    """Load JSON from a file."""
    file = cleanup.enter_context(text_file("{}").open(encoding="utf-8"))

    async def run() -> None:
        json.load(file)  # HERE

    return run


@blocks("file.read", "pickle.load", "io.BufferedReader.readline", "io.BufferedReader.peek", "io.BufferedReader.read")
def pickle_load() -> Run:
    """Load a pickle from a file, which C code reads."""
    path = workdir() / "pickled"
    path.write_bytes(pickle.dumps({"one": 1}))
    file = cleanup.enter_context(path.open("rb"))

    async def run() -> None:
        pickle.load(file)  # HERE

    return run


@blocks("file.open", "configparser.RawConfigParser.read", "configparser.ConfigParser.read", "open", "io.open")
def configparser_read() -> Run:
    """Read a configuration file."""
    path = text_file("[section]\nname = value\n")
    parser = configparser.ConfigParser()

    async def run() -> None:
        parser.read(path, encoding="utf-8")  # HERE

    return run


@blocks("file.open", "fileinput.FileInput.__next__", "fileinput.input", "open", "io.open")
def fileinput_lines() -> Run:
    """Iterate over the lines of several files."""
    lines = fileinput.input([str(text_file())], encoding="utf-8")
    cleanup.callback(lines.close)

    async def run() -> None:
        for _ in lines:  # HERE
            pass

    return run


@blocks("file.open", "gzip.open", "gzip.GzipFile.__init__", "gzip.GzipFile", "open", "io.open")
def gzip_open() -> Run:
    """Open a compressed file."""
    path = workdir() / "lines.gz"
    with gzip.open(path, "wb") as file:
        file.write(b"lines")

    async def run() -> None:
        cleanup.callback(gzip.open(path).close)  # HERE

    return run


@blocks("file.read", "zipfile.ZipFile.read", "io.BufferedReader.read", "io.BufferedReader.seek")
def zipfile_read() -> Run:
    """Read a member of an archive that was opened earlier."""
    path = workdir() / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("member", b"content" * 1000)
    opened = cleanup.enter_context(zipfile.ZipFile(path))

    async def run() -> None:
        opened.read("member")  # HERE

    return run


@blocks("file.open", "tarfile.open", "tarfile.TarFile.open", "open", "io.open")
def tarfile_open() -> Run:
    """Open an archive."""
    path = workdir() / "archive.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(text_file(), "member")

    async def run() -> None:
        cleanup.callback(tarfile.open(path, "r:").close)  # HERE

    return run


@blocks("file.open", "pathlib.Path.read_text", "pathlib.Path.open", "io.open", "open")
def path_read_text() -> Run:
    """Read a path's text."""
    path = text_file()

    async def run() -> None:
        path.read_text(encoding="utf-8")  # HERE

    return run


@blocks("file.open", "pathlib.Path.read_bytes", "pathlib.Path.open", "io.open", "open")
def path_read_bytes() -> Run:
    """Read a path's bytes."""
    path = text_file()

    async def run() -> None:
        path.read_bytes()  # HERE

    return run


@blocks("file.read", "io.TextIOWrapper.read", loops=("trio",))
def wrapped_by_trio() -> Run:
    """Read the file that trio's async file wraps."""
    trio = import_module("trio")
    file = cleanup.enter_context(text_file().open(encoding="utf-8"))

    async def run() -> None:
        trio.wrap_file(file).wrapped.read()  # HERE

    return run
