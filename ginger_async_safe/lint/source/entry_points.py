"""Entry points: async functions, callbacks of the event loop, and functions that start either."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.source.fills import fills_in
from ginger_async_safe.lint.source.symbols import definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe.lint.source.fills import Fill

__all__ = ["OF_PROTOCOLS", "PROTOCOLS", "EntryKind", "EntryPoint", "Facts", "facts_of"]

PROTOCOLS = frozenset({"asyncio.BaseProtocol"})
"""The classes whose methods the event loop calls."""

OF_PROTOCOLS = frozenset(
    [
        "buffer_updated",
        "connection_lost",
        "connection_made",
        "data_received",
        "datagram_received",
        "eof_received",
        "error_received",
        "get_buffer",
        "pause_writing",
        "pipe_connection_lost",
        "pipe_data_received",
        "process_exited",
        "resume_writing",
    ]
)
_ASYNC = re.compile(rb"\basync[ \t]+def\b")
_STARTS = re.compile(
    rb"\basync[ \t]+def\b|\b(?:add_done_callback|add_reader|add_signal_handler|add_writer|async_to_sync|call_at|call_later"
    rb"|call_soon|call_soon_threadsafe|create_connection|create_datagram_endpoint|create_server|create_task|ensure_future"
    rb"|run|run_coroutine_threadsafe|run_until_complete|start_soon)\b"
)
_HOLDS = re.compile(rb"\.(?:add|append|appendleft|extend|insert|setdefault)\(|\w\[[^\]\n]*\]\s*=[^=]")
_REGISTERS = re.compile(
    rb"^[ \t]*@(?!(?:property|staticmethod|classmethod|override|overload|abc\.)\b)|^[\w.]+[(\[]", re.MULTILINE
)
_RELATED = re.compile(rb"\b(?:ForeignKey|OneToOneField|ManyToManyField)\b")


class EntryKind(str, Enum):
    """Why evaluation begins at a function. The values are in the cache.

    Attributes:
        ASYNC: It is an async function.
        CALLBACK: The event loop calls it if its class is a protocol.
        START: It is a sync function that may start an async function or a callback.
    """

    ASYNC = "async"
    CALLBACK = "callback"
    START = "start"


class EntryPoint(NamedTuple):
    """A function where evaluation begins.

    Attributes:
        kind: Why evaluation begins there.
        qualname: Its qualified name.
        line: The line of its definition.
    """

    kind: EntryKind
    qualname: str
    line: int


class Facts(NamedTuple):
    """What has to be known about a module before any function is evaluated.

    Attributes:
        lines: How many lines it has.
        async_functions: How many async functions it has.
        entries: The entry points.
        classes: The names of its classes.
        related: Its classes with relations to other models.
        guards: Whether it marks methods with ``async_unsafe.guard``.
        holds: Whether it may have registries.
        fills: The lines that may fill a container of a module, a class or an object.
        registers: Whether importing it may register something.
    """

    lines: int
    async_functions: int
    entries: tuple[EntryPoint, ...]
    classes: tuple[str, ...]
    related: tuple[str, ...]
    guards: bool
    holds: bool
    registers: bool
    fills: tuple[Fill, ...] = ()


def facts_of(tree: ast.Module, data: bytes) -> Facts:
    """Return the facts of a module."""
    has_relations = _RELATED.search(data) is not None
    starts = [data.count(b"\n", 0, found.start()) + 1 for found in _STARTS.finditer(data)]
    entries: list[EntryPoint] = []
    classes: list[str] = []
    related: list[str] = []
    for qualname, node in definitions(tree.body):
        if isinstance(node, ast.ClassDef):
            classes.append(qualname)
            if has_relations and any(isinstance(value, ast.Call) for value in _assigned(node)):
                related.append(qualname)
            entries += _callbacks(node, qualname)
        elif isinstance(node, ast.AsyncFunctionDef):
            entries.append(EntryPoint(EntryKind.ASYNC, qualname, node.lineno))
        elif isinstance(node, ast.FunctionDef) and _is_among(starts, node.lineno, node.end_lineno or node.lineno):
            entries.append(EntryPoint(EntryKind.START, qualname, node.lineno))
    return Facts(
        data.count(b"\n") + (not data.endswith(b"\n")),
        len(_ASYNC.findall(data)),
        tuple(entries),
        tuple(classes),
        tuple(related),
        b".guard(" in data,
        _HOLDS.search(data) is not None,
        _REGISTERS.search(data) is not None,
        fills_in(tree, data),
    )


def _is_among(lines: list[int], first: int, last: int) -> bool:
    """Return whether one of several sorted lines is in a range."""
    index = bisect_left(lines, first)
    return index < len(lines) and lines[index] <= last


def _assigned(node: ast.ClassDef) -> Iterator[ast.expr]:
    for statement in node.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            yield statement.value


def _callbacks(node: ast.ClassDef, qualname: str) -> Iterator[EntryPoint]:
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name in OF_PROTOCOLS:
            yield EntryPoint(EntryKind.CALLBACK, f"{qualname}.{statement.name}", statement.lineno)
