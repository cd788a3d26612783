"""Paths and file names that are never opened."""

import fnmatch
import os
import os.path
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin, urlsplit


async def main():
    path = Path("/tmp") / "a.txt"
    path.with_suffix(".py").name
    path.joinpath("b").relative_to("/tmp")
    path.parent.as_posix()
    path.match("*.txt")
    path.is_absolute()
    PurePosixPath("/a").parts
    os.path.join("a", "b")
    os.path.splitext("a.txt")
    os.path.basename(str(path))
    os.path.dirname("/a/b")
    os.path.normpath("a/../b")
    os.fspath(path)
    os.environ.get("HOME")
    os.getpid()
    fnmatch.fnmatch("a.txt", "*.txt")
    return urljoin("http://a", "b"), urlsplit("http://a/b").path
