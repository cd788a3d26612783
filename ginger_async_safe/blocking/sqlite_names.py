"""What SQLite would open, given its arguments: names of databases, and statements."""

# ruff: noqa: ANN401 - programs pass anything

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from ginger_async_safe.blocking.clauses import NOT_KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["name_is_of_disk", "opens_file"]

_IN_MEMORY = frozenset({"", ":memory:"})
_TOKEN = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[\w.]+|\S", re.DOTALL)
_OF_A_PARAMETER = "?:@$"


def name_is_of_disk(name: object) -> bool:
    """Return whether a database is in a file, by its name.

    Args:
        name: The argument of ``sqlite3.connect`` or ``ATTACH``. One that begins with ``file:`` is parsed as a URI
            (https://sqlite.org/uri.html).
    """
    text = _text(name)
    if text is None:
        return True
    if not text.startswith("file:"):
        return text not in _IN_MEMORY
    path, _, query = text.removeprefix("file:").partition("#")[0].partition("?")
    options = set(map(_decoded, query.split("&")))
    return _decoded(path) not in _IN_MEMORY and options.isdisjoint({"mode=memory", "vfs=memdb"})


def _text(name: Any) -> str | None:
    """Return a name as text; ``None`` for types whose own code would have to convert it."""
    kind = type(name)
    if issubclass(kind, bytes):
        return bytes.decode(name, "utf-8", "replace")
    pathlib = sys.modules.get("pathlib")
    if pathlib is not None and kind in {pathlib.PosixPath, pathlib.WindowsPath}:
        return str(name)
    return str.__str__(name) if issubclass(kind, str) else None


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote  # noqa: PLC0415 - imported for the few names that need it

    return unquote(text)


def opens_file(sql: Any, parameters: object = ()) -> bool:
    """Return whether a script attaches a database in a file, or copies one into a file.

    Args:
        sql: The statements; anything else than a text opens none.
        parameters: The values of their placeholders.
    """
    if not issubclass(type(sql), str):
        return False
    sql = str.__str__(sql)
    lowered = sql.lower()
    if "attach" not in lowered and "vacuum" not in lowered:
        return False
    return any(_statement_opens_file(each, parameters) for each in _statements(sql))


def _statements(sql: str) -> Iterator[list[str]]:
    """Yield the tokens of each statement, without comments."""
    tokens: list[str] = []
    for each in _TOKEN.findall(sql):
        if each == ";":
            yield tokens
            tokens = []
        elif not each.startswith(("--", "/*")):
            tokens.append(each)
    yield tokens


def _statement_opens_file(tokens: list[str], parameters: object) -> bool:
    words = [token.upper() for token in tokens]
    if words[:1] == ["VACUUM"]:
        return "INTO" in words
    if words[:1] != ["ATTACH"]:
        return False
    name = tokens[2:3] if words[1:2] == ["DATABASE"] else tokens[1:2]
    if not name:
        return False  # a syntax error, which SQLite will raise
    if name[0][0] in "'\"":
        quote = name[0][0]
        return name_is_of_disk(name[0][1:-1].replace(2 * quote, quote))
    if name[0][0] not in _OF_A_PARAMETER:
        return True  # an expression, whose value is unknown here
    values = parameters.values() if type(parameters) is dict else parameters
    return type(values) not in {list, tuple, type({}.values())} or any(
        each is NOT_KNOWN or (issubclass(type(each), (str, bytes)) and name_is_of_disk(each))
        for each in values  # type: ignore[attr-defined]
    )
