"""Look up the names of the rules for SDKs in the packages that are installed: ``python scripts/_sdk_names.py [NAME ...]``.

Install the newest versions of some packages in an environment of their own, and run this script there. It prints each name
that a package does not have, and the packages that are not installed; it exits with 1 where a name is missing. With the
names of clients, it prints which of their methods and attributes the rules cover, and which not, to be judged by reading.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import re
import sys
import typing
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from ginger_async_safe.blocking.rules import ALL_RULES
from ginger_async_safe.blocking.rules.sdks import SDKS
from ginger_async_safe.lint.knowledge import sdks
from ginger_async_safe.lint.knowledge.rule_table import RuleTable

if TYPE_CHECKING:
    from collections.abc import Iterator

UNKNOWN = object()  # what an attribute without an annotation is


class MissingError(Exception):
    """A name is not there."""


class NotImportedError(Exception):
    """A package cannot be imported here."""


def main() -> None:
    """Print the result."""
    warnings.simplefilter("ignore")
    if sys.argv[1:]:
        for name in sys.argv[1:]:
            print(*covered(name), sep="\n")
        return
    absent: set[str] = set()
    missing = []
    names = list(dict.fromkeys(all_names()))
    for name in names:
        package = ".".join(distribution(name))
        if package in absent or not is_installed(name):
            absent.add(package)
            continue
        try:
            found(name.split("."))
        except MissingError as reason:
            missing.append(f"{name}: {reason}")
        except NotImportedError:
            absent.add(package)
    print(*missing, sep="\n")
    print(f"{len(names)} names, {len(missing)} missing; cannot be imported: {', '.join(sorted(absent)) or 'none'}")
    raise SystemExit(bool(missing))


def all_names() -> Iterator[str]:
    """Yield the names in the tables of the SDKs, without those that stand for what a call returns."""
    yield from (rule.target for rule in SDKS if "()" not in rule.target)
    yield from sdks.FREE_IN_SDKS
    yield from (*sdks.LAZY_IN_SDKS, *sdks.STREAMING, *(sdks.ALIASES_OF_SDKS.keys() - sdks.FORMER_NAMES_IN_SDKS))
    for name, what in sdks.RETURNED_BY_SDKS.items():
        yield name
        yield from (each for each in re.findall(r"[\w.]+", what) if "." in each)
    for name, bases in sdks.BASES_OF_SDKS.items():
        yield from (name, *bases)


def distribution(name: str) -> list[str]:
    """Return the beginning of a name that tells what is installed together."""
    parts = name.split(".")
    return parts[: 3 if parts[:2] == ["google", "cloud"] else 2 if parts[0] == "google" else 1]


def is_installed(name: str) -> bool:
    """Return whether the package of a name is installed."""
    names = distribution(name)
    if "*" in names[-1]:
        names.pop()
    try:
        return importlib.util.find_spec(".".join(names)) is not None
    except ModuleNotFoundError:
        return False


def found(parts: list[str]) -> object:
    """Return what a dotted name stands for.

    Raises:
        MissingError: Where it is not there.
        NotImportedError: Where something that the package needs is not installed.
    """
    value, rest = _module(parts)
    while rest:
        name, *rest = rest
        if "*" in name:
            return _matching(value, name, rest)
        value = _attribute(value, name)
        if value is UNKNOWN:
            break
    return value


def _module(parts: list[str]) -> tuple[object, list[str]]:
    """Import as much of a dotted name as is a module.

    Raises:
        NotImportedError: Where something that the package needs is not installed.
    """
    try:
        module = importlib.import_module(parts[0])
    except Exception as error:
        raise NotImportedError from error
    for length in range(2, len(parts) + 1):
        name = parts[length - 1]
        if "*" in name or (not inspect.ismodule(getattr(module, name, None)) and hasattr(module, name)):
            return module, parts[length - 1 :]
        try:
            module = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError as error:
            if error.name != ".".join(parts[:length]):
                raise NotImportedError from error
            return module, parts[length - 1 :]
    return module, []


def _matching(value: object, pattern: str, rest: list[str]) -> object:
    """Return what one of the names that match a pattern stands for, and a name below it where one is given."""
    if pattern == "**" or not rest:
        return UNKNOWN
    expression = re.compile(re.escape(pattern).replace(r"\*", ".*"))
    names = dir(value)
    if inspect.ismodule(value) and hasattr(value, "__getattr__"):
        names += re.findall(r"\w+", inspect.getsource(value))
    for name in dict.fromkeys(names):
        if expression.fullmatch(name) and not name.startswith("_"):
            try:
                inner = _attribute(value, name)
                for each in rest:
                    inner = UNKNOWN if "*" in each or inner is UNKNOWN else _attribute(inner, each)
            except MissingError:
                continue
            return inner
    msg = f"nothing matches {'.'.join([pattern, *rest])}"
    raise MissingError(msg)


def _attribute(value: object, name: str) -> object:
    if not inspect.isclass(value):
        try:
            return getattr(value, name)
        except AttributeError as error:
            raise MissingError(str(error)) from None
    try:
        member = inspect.getattr_static(value, name)
    except AttributeError:
        return _of_instances(value, name)
    getter = member.fget if isinstance(member, property) else getattr(member, "func", None)
    if getter is None and type(member).__name__ in {"cached_property", "under_cached_property"}:
        getter = getattr(member, "wrapped", None)
    if not callable(getter) or isinstance(member, functools.partial):
        return member
    try:
        hint = typing.get_type_hints(getter).get("return", UNKNOWN)
    except Exception:  # noqa: BLE001 - names that exist for type checkers only
        return UNKNOWN
    return hint if inspect.isclass(hint) else UNKNOWN


def _of_instances(cls: type, name: str) -> object:
    """Return UNKNOWN for an attribute that is annotated, or set by a method."""
    for base in cls.__mro__:
        if name in getattr(base, "__annotations__", {}):
            return UNKNOWN
        try:
            source = inspect.getsource(base)
        except (OSError, TypeError):
            continue
        if re.search(rf"self\.{name}\b|__getattr__|\"{name}\"", source):
            return UNKNOWN
    msg = f"{cls.__module__}.{cls.__name__} has no {name}"
    raise MissingError(msg)


def covered(name: str) -> Iterator[str]:
    """Yield the methods and attributes of a class, by whether a rule covers a call of them."""
    rules = RuleTable(ALL_RULES)
    kinds: dict[str, list[str]] = {"blocks": [], "blocks when consumed": [], "does not block": []}
    for each in dir(found(name.split("."))):
        if not each.startswith("_"):
            dotted = f"{name}.{each}"
            kind = (
                "blocks"
                if rules.of(dotted)
                else "blocks when consumed"
                if rules.of_consuming(dotted)
                else "does not block"
            )
            kinds[kind].append(each)
    yield name
    yield from (f"  {kind}: {' '.join(names)}" for kind, names in kinds.items())


if __name__ == "__main__":
    main()
