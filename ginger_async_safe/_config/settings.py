"""Where settings come from: code, then the environment, then ``pyproject.toml``, then the default."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe._runtime.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KEYS", "POLICIES", "VARIABLE", "Setting", "change", "current", "file", "forget_file", "table", "usable"]

VARIABLE = "GINGER_ASYNC_SAFE"
POLICIES = ("raise", "warn", "log", "ignore")
THIRD_PARTY = ("raise", "report", "ignore")
_TABLE = "tool.ginger_async_safe"


class Setting(NamedTuple):
    """The effective value of a setting, and its source, as text for a report."""

    value: Any
    source: str


def _policy(value: object) -> object:
    if callable(value) or (isinstance(value, str) and value in POLICIES):
        return value
    msg = f"{value!r} is not a policy; choose one of {', '.join(POLICIES)} or, in code, a callable that takes the violation"
    raise ConfigurationError(msg)


def _patterns(takes: str, value: object) -> Patterns:
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return Patterns(value)
    msg = f"{takes}, not {value!r}"
    raise ConfigurationError(msg)


def _switch(key: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    msg = f"{key} takes true or false, not {value!r}"
    raise ConfigurationError(msg)


def _third_party(value: object) -> object:
    if isinstance(value, str) and value in THIRD_PARTY:
        return value
    msg = f"third_party takes one of {', '.join(THIRD_PARTY)}, not {value!r}"
    raise ConfigurationError(msg)


_CHECKS: Mapping[str, Callable[[object], object]] = {
    "policy": _policy,
    "allow": partial(_patterns, 'allow takes a list of patterns of calls, such as ["gingerdj.db.*"]'),
    "report_unused_grants": partial(_switch, "report_unused_grants"),
    "first_party": partial(_patterns, 'first_party takes a list of packages, such as ["shop"]'),
    "third_party": _third_party,
    "log_raised": partial(_switch, "log_raised"),
}
_DEFAULTS = {
    "policy": "raise",
    "allow": Patterns(()),
    "report_unused_grants": False,
    "first_party": Patterns(()),
    "third_party": "report",
    "log_raised": True,
}
KEYS = tuple(_CHECKS)
_TABLES = ("check", "rules")

_from_code: dict[str, object] = {}


def current(key: str) -> Setting:
    """Return the effective value of a setting, with its source.

    Raises:
        ConfigurationError: Where the environment or ``pyproject.toml`` has an invalid value.
    """
    if key in _from_code:
        return Setting(_from_code[key], "configure()")
    environment = _from_environment(os.environ.get(VARIABLE, ""))
    if key in environment:
        return Setting(environment[key], VARIABLE)
    path, settings = _from_file()  # async-safe: allow[files] - it is read once
    if key in settings:
        return Setting(settings[key], f"[{_TABLE}] in {path}")
    return Setting(_DEFAULTS[key], "the default")


def usable(key: str) -> Any:  # noqa: ANN401 - a setting is of any type
    """Return the effective value of a setting, or its default where a source is invalid.

    The error is not lost: reading the setting ``policy`` raises it.
    """
    try:
        return current(key).value
    except ConfigurationError:
        return _DEFAULTS[key]


def table(name: str) -> Setting:
    """Return a subtable of ``[tool.ginger_async_safe]`` in ``pyproject.toml``, unchecked; empty where there is none.

    The caller checks its contents.

    Raises:
        ConfigurationError: Where ``pyproject.toml`` is invalid.
    """
    path, settings = _from_file()
    if name in settings:
        return Setting(settings[name], f"[{_TABLE}.{name}] in {path}")
    return Setting({}, "the default")


def file() -> str | None:
    """Return the path of the nearest ``pyproject.toml``; ``None`` where there is none.

    Raises:
        ConfigurationError: Where it is invalid.
    """
    return _from_file()[0]


def forget_file() -> None:
    """Read ``pyproject.toml`` again when a setting is next needed."""
    _from_file.cache_clear()


def change(values: Mapping[str, object]) -> None:
    """Set settings from code; ``None`` resets a setting to the environment and the file.

    Nothing changes where one of the values is invalid.

    Raises:
        ConfigurationError: Where a value is invalid.
    """
    checked = {key: value if value is None else _checked(key, value, "configure()") for key, value in values.items()}
    for key, value in checked.items():
        if value is None:
            _from_code.pop(key, None)
        else:
            _from_code[key] = value


def _checked(key: str, value: object, where: str, *beside: str) -> object:
    if key not in _CHECKS:
        msg = f"{where}: there is no setting {key!r}; there are {', '.join((*KEYS, *beside))}"
        raise ConfigurationError(msg)
    try:
        return _CHECKS[key](value)
    except ConfigurationError as error:
        msg = f"{where}: {error}"
        raise ConfigurationError(msg) from None


@lru_cache(maxsize=8)
def _from_environment(text: str) -> Mapping[str, object]:
    """Parse ``warn``, or ``policy=warn; allow=shop.*, gingerdj.db.*; report_unused_grants=true``."""
    settings = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        key, equals, word = (each.strip() for each in part.partition("="))
        if not equals:
            key, word = "policy", key
        value = {"true": True, "false": False}.get(word.lower(), word)
        key = key.replace("-", "_")
        settings[key] = _checked(key, value, VARIABLE)
    return settings


@lru_cache(maxsize=1)
def _from_file() -> tuple[str | None, Mapping[str, object]]:
    """Read the table in the nearest ``pyproject.toml``, from the working directory upwards, once."""
    try:
        here = os.getcwd()
    except OSError:  # the directory is gone
        return None, {}
    path = _nearest_file("pyproject.toml", here)
    if path is None:
        return None, {}
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read ({error}); make it a file in UTF-8 that this process may read"
        raise ConfigurationError(msg) from None
    if "ginger_async_safe" not in text:  # as in most files: saves importing the parser
        return path, {}
    tool = _parsed(text, path).get("tool", {})
    found = _checked_table(tool.get("ginger_async_safe", {}) if isinstance(tool, dict) else tool, _TABLE, path)
    where = f"[{_TABLE}] in {path}"
    return path, {
        key: _checked_table(value, f"{_TABLE}.{key}", path) if key in _TABLES else _checked(key, value, where, *_TABLES)
        for key, value in ((name.replace("-", "_"), value) for name, value in found.items())
    }


def _checked_table(value: object, name: str, path: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    msg = f"{path}: {name} is not a table; write [{name}] on a line of its own and the settings below it"
    raise ConfigurationError(msg)


def _nearest_file(name: str, directory: str) -> str | None:
    path = os.path.join(directory, name)
    if os.path.isfile(path):
        return path
    parent = os.path.dirname(directory)
    return None if parent == directory else _nearest_file(name, parent)


def _parsed(text: str, path: str) -> dict[str, Any]:
    name = "tomllib" if sys.version_info >= (3, 11) else "tomli"
    try:
        toml = importlib.import_module(name)
    except ModuleNotFoundError:
        msg = f"{path} has settings for this library, and Python 3.10 cannot read them alone; install ginger-async-safe[toml]"
        raise ConfigurationError(msg) from None
    try:
        parsed: dict[str, Any] = toml.loads(text)
    except toml.TOMLDecodeError as error:
        msg = f"{path} is not valid TOML ({error}); fix it there"
        raise ConfigurationError(msg) from None
    return parsed
