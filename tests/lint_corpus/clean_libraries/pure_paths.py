"""Paths that are computed, but never accessed."""

import os.path
from pathlib import Path, PurePath


async def main():
    path = Path("/a") / "b"
    path.with_suffix(".py").name
    path.parent.joinpath("c").parts
    PurePath("a").suffix
    os.path.join("a", "b")
    os.path.basename("a/b")
    path.is_absolute()
    str(path)
