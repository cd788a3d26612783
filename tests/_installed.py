"""Installed packages for tests: folders as an installer leaves them, with metadata."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["install", "make_environment"]


def make_environment(folder: Path) -> Path:
    """Make an empty virtual environment, and return the folder of its packages."""
    packages = folder / "lib" / "python{}.{}".format(*sys.version_info) / "site-packages"
    packages.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin" / "python").write_text("", encoding="utf-8")
    (folder / "pyvenv.cfg").write_text("home = /nowhere\ninclude-system-site-packages = false\n", encoding="utf-8")
    return packages


def install(packages: Path, name: str, version: str, **files: str) -> None:
    """Install a package.

    Args:
        packages: The folder of packages.
        name: Its name.
        version: Its version.
        files: The text of its modules, named with double underscores for slashes.
    """
    record = []
    for file, text in files.items():
        path = packages.joinpath(*file.replace("__init__", "INIT").split("__"))
        path = path.with_name(path.name.replace("INIT", "__init__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        record.append(f"{path.relative_to(packages).as_posix()},sha256={digest},{len(text)}")
    metadata = packages / f"{name.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    record.append(f"{metadata.name}/METADATA,,")
    (metadata / "RECORD").write_text("\n".join([*record, ""]), encoding="utf-8")
