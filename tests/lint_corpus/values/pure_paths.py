"""Paths that are computed, but never accessed."""

import os.path
from pathlib import Path, PurePosixPath


def beside(path: Path) -> Path:
    return path.parent / "other"


async def main():
    path = Path("folder") / "name.txt"
    path.name, path.stem, path.suffix, path.parts
    beside(path).with_suffix(".py").as_posix()
    PurePosixPath("a").joinpath("b").match("*")
    path.relative_to("folder")
    os.path.join("a", "b")
    os.path.splitext("a.b")
    os.path.normpath("a/../b")
    str(path)
