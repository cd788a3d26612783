"""The settings of the check: ``[tool.ginger_async_safe.check]`` in ``pyproject.toml``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from ginger_async_safe._config import settings
from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.report.rule_names import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FORMATS", "CheckSettings", "IgnoredInFiles", "MarkedPattern", "project_root", "settings_of_file"]

FORMATS = ("text", "concise", "json", "sarif", "github")
CACHE = ".ginger_async_safe_cache"


class MarkedPattern(NamedTuple):
    """Functions that the settings mark as blocking.

    Attributes:
        pattern: Their dotted name, with ``*`` for any part of it.
        fix: Their fix; empty where the settings give none.
    """

    pattern: str
    fix: str = ""


class IgnoredInFiles(NamedTuple):
    """Rules that are not reported in some files.

    Attributes:
        pattern: A glob of these files, relative to the project's folder; with a ``!`` before it, of all others.
        rules: Names of the rules.
    """

    pattern: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class CheckSettings:
    """The settings of the check.

    Attributes:
        paths: The files and folders to check by default; relative to the project's folder.
        select: Names of the rules to report; all, where it is empty.
        ignore: Names of rules not to report.
        exclude: Globs of files and folders not to read, relative to the project's folder.
        per_file_ignores: Names of rules not to report in some files.
        marked: Functions that block but have no decorator.
        imports: Whether to report imports of installed packages in async functions, and in functions that they call.
        baseline: The file of known findings, relative to the project's folder; or ``None``.
        format: The format of the output.
        dependencies: Whether to read the installed packages that the project uses.
        python: The interpreter or virtual environment that they are installed in, relative to the project's folder; ``None``
            for the active one, the project's ``.venv``, or that of the check.
        cache: The folder of the cache; ``None`` for no cache.
        source: Where the settings come from, for messages.
    """

    paths: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[IgnoredInFiles, ...] = ()
    marked: tuple[MarkedPattern, ...] = ()
    imports: bool = False
    baseline: str | None = None
    format: str = "text"
    dependencies: bool = False
    python: str | None = None
    cache: Path | None = None
    source: str = "the default"


def project_root() -> Path:
    """Return the folder of the nearest ``pyproject.toml``; the working directory, where there is none.

    Raises:
        ConfigurationError: Where that file cannot be used.
    """
    file = settings.file()
    return Path.cwd() if file is None else Path(file).parent


def settings_of_file() -> CheckSettings:
    """Return the settings in ``pyproject.toml``, with the defaults.

    Raises:
        ConfigurationError: Where it cannot be used.
    """
    table, source = settings.table("check")
    values: dict[str, Any] = {}
    for name, value in table.items():
        key = str(_ALIASES.get(name, name)).replace("-", "_")
        if key not in _PARSERS:
            near = get_close_matches(name, map(_shown, _PARSERS), n=1)
            meant = f"; did you mean {near[0]}?" if near else ";"
            _refuse(source, f"there is no setting {name!r}{meant} there are {', '.join(map(_shown, _PARSERS))}")
        try:
            values[key] = _PARSERS[key](value)
        except ConfigurationError as error:
            _refuse(source, f"{name}: {error}")
    return CheckSettings(cache=project_root() / CACHE, source=source, **values)


def _refuse(source: str, problem: str) -> NoReturn:
    msg = f"{source}: {problem}"
    raise ConfigurationError(msg) from None


def _shown(key: str) -> str:
    """Return a setting as TOML files write it."""
    return key.replace("_", "-")


def _inside(name: str) -> str:
    """Return a path of the settings, which whoever wrote the project may have chosen, if it is in the project's folder."""
    root = os.path.realpath(project_root())
    path = os.path.realpath(os.path.join(root, name))  # noqa: PTH118 - it also takes absolute paths
    if os.path.commonpath([path, root]) == root:
        return name
    msg = f"{name!r} is outside of the project's folder, {root}; name what is in it, or use the command line"
    raise ConfigurationError(msg)


def _texts(example: str) -> Callable[[object], tuple[str, ...]]:
    def parse(value: object) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(each, str) and each for each in value):
            return tuple(value)
        msg = f"it takes a list of strings, such as [{example}], not {value!r}"
        raise ConfigurationError(msg)

    return parse


def _paths(value: object) -> tuple[str, ...]:
    return tuple(map(_inside, _texts('"src"')(value)))


def _per_file_ignores(value: object) -> tuple[IgnoredInFiles, ...]:
    if not isinstance(value, dict):
        msg = f'it takes a table of globs and rules, such as "tests/*" = ["time"], not {value!r}'
        raise ConfigurationError(msg)
    return tuple(IgnoredInFiles(pattern, _names(rules)) for pattern, rules in value.items())


def _names(value: object) -> tuple[str, ...]:
    return Names(_texts('"time.sleep", "files"')(value)).texts


def _text(value: object) -> str:
    if isinstance(value, str) and value:
        return _inside(value)
    msg = f'it takes the name of a file, such as "known.txt", not {value!r}'
    raise ConfigurationError(msg)


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    msg = f"it takes true or false, not {value!r}"
    raise ConfigurationError(msg)


def _format(value: object) -> str:
    if isinstance(value, str) and value in FORMATS:
        return value
    msg = f"{value!r} is no format; choose one of {', '.join(FORMATS)}"
    raise ConfigurationError(msg)


def _python(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    msg = f'it takes an interpreter or the folder of a virtual environment, such as ".venv", not {value!r}'
    raise ConfigurationError(msg)


def _marked(value: object) -> tuple[MarkedPattern, ...]:
    table = value if isinstance(value, dict) else dict.fromkeys(_texts('"shop.stock.recount"')(value), "")
    found = []
    for name, fix in table.items():
        if not isinstance(fix, str):
            msg = f"{name!r} takes its fix, as a string, not {fix!r}"
            raise ConfigurationError(msg)
        found += [MarkedPattern(text, fix) for text in Patterns(name).texts]
    return tuple(found)


_ALIASES = {"output-format": "format", "output_format": "format"}  # ruff's name
_PARSERS: Mapping[str, Callable[[object], Any]] = {
    "paths": _paths,
    "select": _names,
    "ignore": _names,
    "exclude": _texts('"migrations/*"'),
    "per_file_ignores": _per_file_ignores,
    "marked": _marked,
    "imports": _switch,
    "baseline": _text,
    "format": _format,
    "dependencies": _switch,
    "python": _python,
}
