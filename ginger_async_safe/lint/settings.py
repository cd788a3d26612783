"""What the check is to do: ``[tool.ginger_async_safe.check]`` in ``pyproject.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from ginger_async_safe import _settings
from ginger_async_safe._patterns import Patterns
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.rule_names import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FORMATS", "CheckSettings", "MarkedPattern", "project_root", "settings_of_file"]

FORMATS = ("text", "json", "sarif", "github")
CACHE = ".ginger_async_safe_cache"


class MarkedPattern(NamedTuple):
    """Functions that the project says block, though no decorator marks them.

    Attributes:
        pattern: Their dotted name, with ``*`` for any part of it.
        mend: What to write instead; nothing where the settings do not say.
    """

    pattern: str
    mend: str = ""


@dataclass(frozen=True)
class CheckSettings:
    """What the check is to do.

    Attributes:
        paths: The files and folders to check where the command names none; relative to the project's folder.
        select: Names of the rules to report; all, where it is empty.
        ignore: Names of rules not to report.
        exclude: Globs of files and folders to leave unread, relative to the project's folder.
        marked: Functions that the project says block.
        baseline: The file of known findings, relative to the project's folder; or ``None``.
        format: How to tell what was found.
        cache: The folder in which what was read is kept; ``None`` for nowhere.
        source: Where the settings come from, for people.
    """

    paths: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    marked: tuple[MarkedPattern, ...] = ()
    baseline: str | None = None
    format: str = "text"
    cache: Path | None = None
    source: str = "the default"


def project_root() -> Path:
    """Return the folder of the nearest ``pyproject.toml``; the working directory, where there is none.

    Raises:
        ConfigurationError: Where that file cannot be used.
    """
    file = _settings.file()
    return Path.cwd() if file is None else Path(file).parent


def settings_of_file() -> CheckSettings:
    """Return what the table in ``pyproject.toml`` says, and the defaults.

    Raises:
        ConfigurationError: Where it cannot be used.
    """
    table, source = _settings.table("check")
    settings: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _READERS:
            near = get_close_matches(key, _READERS, n=1)
            meant = f"; did you mean {near[0]}?" if near else ";"
            _refuse(source, f"there is no setting {key!r}{meant} there are {', '.join(_READERS)}")
        try:
            settings[key] = _READERS[key](value)
        except ConfigurationError as error:
            _refuse(source, f"{key}: {error}")
    return CheckSettings(cache=project_root() / CACHE, source=source, **settings)


def _refuse(source: str, problem: str) -> NoReturn:
    msg = f"{source}: {problem}"
    raise ConfigurationError(msg) from None


def _texts(example: str) -> Callable[[object], tuple[str, ...]]:
    def read(value: object) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(each, str) and each for each in value):
            return tuple(value)
        msg = f"it takes a list of texts, such as [{example}], not {value!r}"
        raise ConfigurationError(msg)

    return read


def _names(value: object) -> tuple[str, ...]:
    return Names(_texts('"time.sleep", "files"')(value)).texts


def _text(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    msg = f'it takes the name of a file, such as "known.txt", not {value!r}'
    raise ConfigurationError(msg)


def _format(value: object) -> str:
    if isinstance(value, str) and value in FORMATS:
        return value
    msg = f"{value!r} is no format; choose one of {', '.join(FORMATS)}"
    raise ConfigurationError(msg)


def _marked(value: object) -> tuple[MarkedPattern, ...]:
    table = value if isinstance(value, dict) else dict.fromkeys(_texts('"shop.stock.recount"')(value), "")
    found = []
    for name, mend in table.items():
        if not isinstance(mend, str):
            msg = f"{name!r} takes what to write instead, as a text, not {mend!r}"
            raise ConfigurationError(msg)
        found += [MarkedPattern(text, mend) for text in Patterns(name).texts]
    return tuple(found)


_READERS: Mapping[str, Callable[[object], Any]] = {
    "paths": _texts('"src"'),
    "select": _names,
    "ignore": _names,
    "exclude": _texts('"migrations/*"'),
    "marked": _marked,
    "baseline": _text,
    "format": _format,
}
