"""Exports: what blocks, as the settings of ruff, flake8-async and hydroid."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.blocking.documentation import fix_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["TOOLS", "Blocking", "of_rules"]

_PUBLIC = re.compile(r"[^\W_]\w*(\.[^\W_]\w*)+")  # a public name that programs call
_WRITTEN = "Written by `ginger-async-safe export {}`; run that again when marks or rules change."


class Blocking(NamedTuple):
    """A callable that blocks.

    Attributes:
        name: Its dotted name, where it is defined.
        fix: What to write in an async function instead.
        category: The category of its rule, or ``"marked"``.
    """

    name: str
    fix: str
    category: str = "marked"


def of_rules(rules: Iterable[BlockingCall]) -> Iterator[Blocking]:
    """Yield the calls of rules that have a public name."""
    for rule in rules:
        if _PUBLIC.fullmatch(rule.target):
            yield Blocking(rule.target, fix_of(rule), rule.category)


def _for_ruff(calls: Sequence[Blocking]) -> Iterator[str]:
    """Yield lines of ``pyproject.toml``: https://docs.astral.sh/ruff/settings/#lintflake8-tidy-imports."""
    yield f"# {_WRITTEN.format('ruff')}"
    yield "# ruff bans these wherever they are used, in sync code too; exclude files with lint.per-file-ignores."
    yield '# Enable it with: extend-select = ["ASYNC", "TID251"]; accept our codes in noqa comments with: external = ["GAS"]'
    yield "[tool.ruff.lint.flake8-tidy-imports.banned-api]"
    for call in calls:
        if not call.name.rpartition(".")[0].rpartition(".")[2][:1].isupper():  # ruff does not resolve methods
            yield f"{_toml(call.name)}.msg = {_toml(f'It blocks the event loop; write {call.fix}')}"


def _for_flake8_async(calls: Sequence[Blocking]) -> Iterator[str]:
    """Yield lines of ``.flake8``: https://flake8-async.readthedocs.io/en/latest/usage.html#async200-blocking-calls."""
    yield f"# {_WRITTEN.format('flake8-async')}"
    yield "[flake8]"
    yield "async200-blocking-calls ="
    for call in calls:
        fix = " ".join(
            call.fix.replace("->", "to").replace(",", ";").split()
        )  # both separate entries, and cannot be escaped
        yield f"    {call.name} -> {fix},"


def _for_hydroid(calls: Sequence[Blocking]) -> Iterator[str]:
    """Yield lines of ``pyproject.toml``: https://github.com/agusmdev/hydroid."""
    yield f"# {_WRITTEN.format('hydroid')}"
    sinks: dict[tuple[str, str], list[str]] = {}
    for call in calls:
        sinks.setdefault((call.category, call.fix), []).append(call.name)
    for (category, fix), names in sinks.items():
        yield from ("", "[[tool.hydroid.sink]]", f"category = {_toml(category)}", f"advice = {_toml(fix)}")
        yield f"functions = [{', '.join(map(_toml, names))}]"


def _toml(text: str) -> str:
    """Return a basic string of TOML: JSON's strings are such, except for one character that JSON does not escape."""
    return json.dumps(text).replace("\x7f", "\\u007f")


TOOLS: Mapping[str, Callable[[Sequence[Blocking]], Iterator[str]]] = {
    "flake8-async": _for_flake8_async,
    "hydroid": _for_hydroid,
    "ruff": _for_ruff,
}
