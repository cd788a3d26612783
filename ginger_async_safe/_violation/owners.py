"""The owner of a frame's code: the project (first party), an installed package, the standard library, or this library.

First party is code that is not installed, or that the setting ``first_party`` names; and code that the program declares
as its own, such as the application that a server is configured to serve.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from ginger_async_safe._config import settings
from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe._runtime.frames import is_async
from ginger_async_safe.detect import calls_back

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

__all__ = [
    "Owned",
    "Owner",
    "add_first_party",
    "is_first_party",
    "is_in_packages",
    "names_of_module",
    "origin",
    "owned",
    "with_version",
]

Owner: TypeAlias = Literal["first party", "third party", "server"]

_OURS = __file__.removesuffix(os.path.join("_violation", "owners.py"))
_STDLIB = os.__file__.removesuffix("os.py")
_UNATTRIBUTED = _STDLIB  # treated like the standard library: its caller counts
_OF_ATTRS = "<attrs generated "
_SITE = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_SETTINGS_MODULES = ("GINGER_SETTINGS_MODULE", "DJANGO_SETTINGS_MODULE")

_packages: set[str] = set()
_directories: set[str] = set()


class Owned(NamedTuple):
    """The owner of a violation.

    Attributes:
        owner: ``"first party"``, where project code makes the call, directly or through sync calls; ``"third party"``,
            where project code awaits a coroutine of an installed package that makes it; ``"server"``, where no project
            code is below the task or callback.
        package: The import name of the installed package that makes the call; empty for ``"first party"``.
    """

    owner: Owner
    package: str = ""


_FIRST_PARTY = Owned("first party")


@lru_cache(maxsize=4096)
def origin(file: str) -> Literal["ours", "stdlib", "site", "user"]:
    """Return the owner of a file's code, by the file's location."""
    if file.startswith((_OURS, "<ginger_async_safe")):
        return "ours"
    if any(directory in file for directory in _SITE):
        return "site"
    if file.startswith((_STDLIB, "<frozen ")):
        return "stdlib"
    return "user"


def add_first_party(packages: Iterable[str] = (), directories: Iterable[str] = ()) -> None:
    """Count more code as first party in this process, in addition to the setting, even if it is installed.

    Args:
        packages: Names of top-level packages and modules.
        directories: Paths of directories. Packages installed in an environment below one do not count.
    """
    _packages.update(packages)
    _directories.update(os.path.join(each, "") for each in directories)


def is_first_party(frame: FrameType) -> bool:
    """Return whether a frame runs the project's own code. An invalid setting ``first_party`` counts as not set."""
    file = _file_of(frame)
    where = origin(file)
    if where in {"ours", "stdlib"}:
        return False
    setting: tuple[str, ...] = settings.usable("first_party").texts
    if where == "user" and not setting:
        return True
    of_settings = (os.environ.get(name, "").partition(".")[0] for name in _SETTINGS_MODULES)
    packages = frozenset(filter(str.isidentifier, (*of_settings, *_packages))) | {*setting}
    if packages and any(is_in_packages(name, packages) for name in names_of_module(frame)):
        return True
    return any(file.startswith(each) and not _is_installed(file.removeprefix(each)) for each in _directories)


def _file_of(frame: FrameType) -> str:
    """Return the file of a frame's code; for code generated at run time, such as a dataclass's, its module's file."""
    file, names = frame.f_code.co_filename, frame.f_globals
    if not file.startswith("<") or file.startswith(("<frozen ", "<ginger_async_safe")):
        return file
    if file.startswith(_OF_ATTRS):  # such code has no module
        return _UNATTRIBUTED
    module_file = names.get("__file__")
    return module_file if isinstance(module_file, str) and names.get("__name__") != "__main__" else file


def _is_installed(path: str) -> bool:
    return any(directory in f"{os.sep}{path}" for directory in _SITE)


def names_of_module(frame: FrameType) -> tuple[str, ...]:
    """Return the names of a frame's module: one run by ``python -m`` has its own name besides ``__main__``."""
    name = str(frame.f_globals.get("__name__"))
    spec = frame.f_globals.get("__spec__") if name == "__main__" else None
    return (name,) if spec is None else (name, str(spec.name))


@lru_cache(maxsize=4096)
def is_in_packages(module: str, packages: frozenset[str]) -> bool:
    """Return whether a module is in one of some packages; ``shop`` and ``shop.*`` both mean the whole package."""
    patterns = Patterns([*packages, *(f"{each}.*" for each in packages)])
    return patterns.match(module) or patterns.match(f"{module}.")


def owned(frames: Iterable[FrameType]) -> Owned:
    """Return the owner of a violation.

    A blocking call below project code is the project's, unless a coroutine of an installed package is in between: then
    it is that package which blocks the loop.

    Args:
        frames: The frame that makes the call, and its callers up to the loop, without this library's.
    """
    nearest = awaited = None
    for frame in frames:
        if is_first_party(frame):
            return _FIRST_PARTY if awaited is None else Owned("third party", _package_of(awaited))
        if origin(_file_of(frame)) == "stdlib" or calls_back(frame):
            continue
        nearest = nearest or frame
        if awaited is None and (is_async(frame) or frame.f_code.co_name == "__await__"):
            awaited = frame
    # The loop itself calls the blocking function: which code scheduled that callback is unknown.
    return _FIRST_PARTY if nearest is None else Owned("server", _package_of(awaited or nearest))


def _package_of(frame: FrameType) -> str:
    file = _file_of(frame)
    for directory in _SITE:
        _, found, inside = file.rpartition(directory)
        if found:
            return inside.partition(os.sep)[0].removesuffix(".py")
    return names_of_module(frame)[-1].partition(".")[0]


@lru_cache(maxsize=256)
def with_version(package: str) -> str:
    """Return a package's name with its version where that is known, as ``uvicorn 0.54.0``; empty for an empty name."""
    if not package:
        return ""
    from importlib import metadata  # noqa: PLC0415 - slow to import, and only reports need it

    try:
        version: object = metadata.version(package)  # async-safe: allow[files] - only once a package
    except (metadata.PackageNotFoundError, ValueError):  # its distribution may have another name
        version = getattr(sys.modules.get(package), "__version__", None)
    return f"{package} {version}" if isinstance(version, str) else package
