"""Environments: where the packages of a project are installed, found without running anything of theirs."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import sysconfig
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Distribution", "Environment", "environment_at", "environment_of"]

_ACTIVE = ("VIRTUAL_ENV", "CONDA_PREFIX")
_IN_PROJECT = ".venv"
_MAX_PARTS = 4  # of the names in an index: deeper namespaces are not in use


class Distribution(NamedTuple):
    """An installed package, as package indexes know it.

    Attributes:
        name: Its name.
        version: Its version.
        digest: A digest of the list of its files with their hashes.
    """

    name: str
    version: str
    digest: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Environment:
    """The folders that packages are installed in.

    Args:
        folders: The folders, as in ``sys.path``.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self._roots: dict[str, Distribution | None] = {}
        self._files: dict[str, Path | None] = {}
        self._index: Mapping[str, metadata.Distribution] | None = None

    def digest(self) -> str:
        """Return a digest of which versions are installed."""
        found = hashlib.blake2b(digest_size=16)
        for folder in self.folders:
            found.update(f"{folder}\n".encode())
            for entry in sorted(_metadata_in(folder)):
                found.update(f"{entry[0]} {entry[1]}\n".encode())
        return found.hexdigest()

    def file_of(self, name: str) -> Path | None:
        """Return the source file of a module by its dotted name; ``None`` where it has none."""
        if name not in self._files:
            self._files[name] = self._find(name.split("."))
        return self._files[name]

    def has(self, top: str) -> bool:
        """Return whether modules whose dotted names begin with a name are installed, in a namespace package too."""
        return self.file_of(top) is not None or any((folder / top).is_dir() for folder in self.folders)

    def _find(self, parts: list[str]) -> Path | None:
        for folder in self.folders:
            path = folder.joinpath(*parts)
            for file in (path / "__init__.py", path.with_name(f"{path.name}.py")):
                if file.is_file():
                    return file
        return None

    def distribution_of(self, root: str) -> Distribution | None:
        """Return the distribution that has a module or package, by its dotted name.

        Those that are installed in development mode have none: their source is part of a project, and changes.
        """
        if root not in self._roots:
            if self._index is None:
                self._index = _index_of(self.folders)
            found = self._index.get(root)
            self._roots[root] = None if found is None else _described(found)
        return self._roots[root]


def _metadata_in(folder: Path) -> Iterator[tuple[str, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.endswith(".dist-info"):
            yield entry.name, entry.stat().st_mtime_ns


def _index_of(folders: tuple[Path, ...]) -> dict[str, metadata.Distribution]:
    """Return the distributions by the dotted names of what they install: of a namespace package, its parts."""
    found: dict[str, metadata.Distribution] = {}
    for each in metadata.distributions(path=list(map(str, folders))):
        names: set[str] = set()
        for line in (each.read_text("RECORD") or "").splitlines():
            path = line.partition(",")[0].strip('"')
            if path.endswith(".py") and not path.startswith(("..", "/")):
                parts = path.removesuffix("/__init__.py").removesuffix(".py").split("/")
                names.update(".".join(parts[:length]) for length in range(1, min(len(parts), _MAX_PARTS) + 1))
        for name in names:
            found.setdefault(name, each)
    return found


def _described(distribution: metadata.Distribution) -> Distribution | None:
    record = distribution.read_text("RECORD") or ""
    fields = HeaderParser().parsestr(distribution.read_text("METADATA") or "")
    name, version = fields.get("Name"), fields.get("Version")
    if name is None or version is None:
        return None  # its metadata is damaged, for which versions of importlib.metadata raise different errors
    return Distribution(name, version, hashlib.blake2b(record.encode(), digest_size=16).hexdigest())


def environment_of(root: Path, environ: Mapping[str, str] = os.environ) -> Environment:
    """Return the environment of a project: the active one, else ``.venv`` in its folder, else that of this interpreter.

    Args:
        root: The folder of the project.
        environ: The environment variables.
    """
    for place in (*(environ.get(variable) for variable in _ACTIVE), root / _IN_PROJECT):
        found = environment_at(Path(place)) if place else None
        if found is not None:
            return found
    paths = sysconfig.get_paths()
    return Environment(tuple(dict.fromkeys(Path(paths[key]) for key in ("purelib", "platlib"))))


def environment_at(path: Path) -> Environment | None:
    """Return the environment of an interpreter, or in a folder; ``None`` where there is none.

    Args:
        path: The interpreter's executable, or the folder of a virtual environment or installation.
    """
    prefix = path if path.is_dir() else path.parent.parent if path.is_file() else None
    if prefix is None:
        return None
    folders = list(_packages_below(prefix))
    settings = _settings_of(prefix)
    if settings.get("include-system-site-packages", "").lower() == "true" and "home" in settings:
        folders += _packages_below(Path(settings["home"]).parent)
    if not folders and path.is_file():  # a link to an interpreter that is installed elsewhere
        folders += _packages_below(path.resolve().parent.parent)
    return Environment(tuple(dict.fromkeys(folders))) if folders else None


def _packages_below(prefix: Path) -> Iterator[Path]:
    """Yield the folders of packages of an installation, those of this version of Python first."""
    here = "python{}.{}".format(*sys.version_info)
    found = [
        path / name
        for library in ("lib", "lib64")
        for path in sorted((prefix / library).glob("python3*"), key=lambda each: (each.name != here, each.name))
        for name in ("site-packages", "dist-packages")
        if re.fullmatch(r"python3(\.\d+t?)?", path.name)
    ]
    for folder in (*found, prefix / "Lib" / "site-packages"):
        if folder.is_dir():
            yield folder


def _settings_of(prefix: Path) -> dict[str, str]:
    try:
        text = (prefix / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    return {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in text.splitlines())}
