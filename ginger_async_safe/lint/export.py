"""What blocks, as the settings of other tools that read source: ruff, flake8-async and hydroid."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.blocking.documentation import mend_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["TOOLS", "Blocking", "of_rules"]

_PUBLIC = re.compile(r"[^\W_]\w*(\.[^\W_]\w*)+")  # a call that a program makes under this name
_WRITTEN = "Written by `ginger-async-safe export {}`; write it anew when marks or rules change."


class Blocking(NamedTuple):
    """A callable that blocks.

    Attributes:
        name: Its dotted name, where it is defined.
        mend: What to write in an async function instead.
        category: What it waits for, or ``"marked"``.
    """

    name: str
    mend: str
    category: str = "marked"


def of_rules(rules: Iterable[BlockingCall]) -> Iterator[Blocking]:
    """Yield what rules are about, where a program can name it; what is below a public name is left to that name."""
    for rule in rules:
        if _PUBLIC.fullmatch(rule.target):
            yield Blocking(rule.target, mend_of(rule), rule.category)


def _for_ruff(calls: Sequence[Blocking]) -> Iterator[str]:
    """Yield lines of ``pyproject.toml``: https://docs.astral.sh/ruff/settings/#lintflake8-tidy-imports."""
    yield f"# {_WRITTEN.format('ruff')}"
    yield "# ruff bans these wherever they are used, in sync code too; leave that out by lint.per-file-ignores."
    yield '# Have it look by: extend-select = ["ASYNC", "TID251"], and leave our own codes to us by: external = ["GAS"]'
    yield "[tool.ruff.lint.flake8-tidy-imports.banned-api]"
    for call in calls:
        if not call.name.rpartition(".")[0].rpartition(".")[2][:1].isupper():  # of methods it knows nothing
            yield f"{_toml(call.name)}.msg = {_toml(f'It blocks the event loop; write {call.mend}')}"


def _for_flake8_async(calls: Sequence[Blocking]) -> Iterator[str]:
    """Yield lines of ``.flake8``: https://flake8-async.readthedocs.io/en/latest/usage.html#async200-blocking-calls."""
    yield f"# {_WRITTEN.format('flake8-async')}"
    yield "[flake8]"
    yield "async200-blocking-calls ="
    for call in calls:
        mend = " ".join(call.mend.replace("->", "to").replace(",", ";").split())  # both part entries, unescaped
        yield f"    {call.name} -> {mend},"


def _for_hydroid(calls: Sequence[Blocking]) -> Iterator[str]:
    """Yield lines of ``pyproject.toml``: https://github.com/agusmdev/hydroid."""
    yield f"# {_WRITTEN.format('hydroid')}"
    sinks: dict[tuple[str, str], list[str]] = {}
    for call in calls:
        sinks.setdefault((call.category, call.mend), []).append(call.name)
    for (category, mend), names in sinks.items():
        yield from ("", "[[tool.hydroid.sink]]", f"category = {_toml(category)}", f"advice = {_toml(mend)}")
        yield f"functions = [{', '.join(map(_toml, names))}]"


def _toml(text: str) -> str:
    """Return a basic string, which JSON's are too, but for one character that JSON leaves as it is."""
    return json.dumps(text).replace("\x7f", "\\u007f")


TOOLS: Mapping[str, Callable[[Sequence[Blocking]], Iterator[str]]] = {
    "flake8-async": _for_flake8_async,
    "hydroid": _for_hydroid,
    "ruff": _for_ruff,
}
