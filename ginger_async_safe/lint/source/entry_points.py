"""Entry points: async functions, callbacks of the event loop, and functions that start either."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.source.fills import fills_in
from ginger_async_safe.lint.source.hooks import hooks_named, may_register
from ginger_async_safe.lint.source.shared_state import stores_in
from ginger_async_safe.lint.source.symbols import called_at_import, definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe.lint.source.fills import Fill
    from ginger_async_safe.lint.source.shared_state import Store

__all__ = ["ClassFact", "EntryKind", "EntryPoint", "Facts", "facts_of"]

_ASYNC = re.compile(rb"\basync[ \t]+def\b")
_STARTS = re.compile(
    rb"\basync[ \t]+def\b|\b(?:add_done_callback|add_reader|add_signal_handler|add_writer|async_to_sync|call_at|call_later"
    rb"|call_soon|call_soon_threadsafe|create_connection|create_datagram_endpoint|create_server|create_task|ensure_future"
    rb"|run|run_coroutine_threadsafe|run_until_complete|start_soon"
    rb"|PeriodicCallback|add_callback|add_event_handler|add_future|add_timeout|call_after_refresh|call_next"
    rb"|set_interval|set_timer|spawn_callback)\b"
)
_HOLDS = re.compile(rb"\.(?:add|append|appendleft|extend|insert|setdefault)\(|\w\[[^\]\n]*\]\s*=[^=]")
_REGISTERS = re.compile(
    rb"^[ \t]*@(?!(?:property|staticmethod|classmethod|override|overload|abc\.)\b)|^[\w.]+[(\[]", re.MULTILINE
)
_REMEMBERS = re.compile(rb"\bcache\b|\blru_cache\b|^[ \t]+global[ \t]", re.MULTILINE)
_RELATED = re.compile(rb"\b(?:ForeignKey|OneToOneField|ManyToManyField)\b")


class EntryKind(str, Enum):
    """Why evaluation begins at a function. The values are in the cache.

    Attributes:
        ASYNC: It is an async function.
        CALLBACK: A framework, or the event loop itself, calls it if its class or a decorator says so.
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


class ClassFact(NamedTuple):
    """What has to be known about a class before any function is evaluated.

    Attributes:
        name: Its qualified name.
        bases: The names of its bases, without the module or class that they are in.
        methods: The names of its methods, without those that begin with two underscores.
    """

    name: str
    bases: tuple[str, ...]
    methods: tuple[str, ...]


class Facts(NamedTuple):
    """What has to be known about a module before any function is evaluated.

    Attributes:
        lines: How many lines it has.
        async_functions: How many async functions it has.
        entries: The entry points.
        classes: Its classes.
        related: Its classes with relations to other models.
        stores: Its functions that put something into the shared state of a web application.
        guards: Whether it marks methods with ``async_unsafe.guard``.
        holds: Whether it may have registries.
        fills: The lines that may fill a container of a module, a class or an object.
        registers: Whether importing it may register something.
        remembers: The names of its functions that may do their work once only: cached, or with a ``global`` statement.
        calls: The functions that it calls without arguments whenever it is imported, as its source names them.
    """

    lines: int
    async_functions: int
    entries: tuple[EntryPoint, ...]
    classes: tuple[ClassFact, ...]
    related: tuple[str, ...]
    stores: tuple[Store, ...]
    guards: bool
    holds: bool
    registers: bool
    remembers: tuple[str, ...]
    calls: tuple[str, ...]
    fills: tuple[Fill, ...] = ()


def facts_of(tree: ast.Module, data: bytes) -> Facts:
    """Return the facts of a module."""
    has_relations = _RELATED.search(data) is not None
    starts = [data.count(b"\n", 0, found.start()) + 1 for found in _STARTS.finditer(data)]
    entries: list[EntryPoint] = []
    classes: list[ClassFact] = []
    related: list[str] = []
    for qualname, node in definitions(tree.body):
        if isinstance(node, ast.ClassDef):
            classes.append(_class_fact(node, qualname))
            if has_relations and any(isinstance(value, ast.Call) for value in _assigned(node)):
                related.append(qualname)
            entries += _callbacks(node, qualname)
        elif isinstance(node, ast.AsyncFunctionDef):
            entries.append(EntryPoint(EntryKind.ASYNC, qualname, node.lineno))
        elif isinstance(node, ast.FunctionDef) and any(map(_may_register, node.decorator_list)):
            entries.append(EntryPoint(EntryKind.CALLBACK, qualname, node.lineno))
        elif isinstance(node, ast.FunctionDef) and _is_among(starts, node.lineno, node.end_lineno or node.lineno):
            entries.append(EntryPoint(EntryKind.START, qualname, node.lineno))
    return Facts(
        data.count(b"\n") + (not data.endswith(b"\n")),
        len(_ASYNC.findall(data)),
        tuple(entries),
        tuple(classes),
        tuple(related),
        tuple(stores_in(tree, data)),
        b".guard(" in data,
        _HOLDS.search(data) is not None,
        _REGISTERS.search(data) is not None,
        tuple(_remembering(tree, has_global=b"global " in data)) if _REMEMBERS.search(data) else (),
        tuple(dict.fromkeys(called_at_import(tree.body))),
        fills_in(tree, data),
    )


def _remembering(tree: ast.Module, *, has_global: bool) -> Iterator[str]:
    for _, node in definitions(tree.body):
        if isinstance(node, ast.FunctionDef) and (
            any("cache" in ast.unparse(decorator) for decorator in node.decorator_list)
            or (has_global and any(isinstance(part, ast.Global) for part in ast.walk(node)))
        ):
            yield node.name


def _class_fact(node: ast.ClassDef, qualname: str) -> ClassFact:
    bases = []
    for base in node.bases:
        named = base.value if isinstance(base, ast.Subscript) else base
        name = named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", "")
        if name:
            bases.append(name)
    methods = (each.name for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return ClassFact(qualname, tuple(bases), tuple(name for name in methods if not name.startswith("__")))


def _is_among(lines: list[int], first: int, last: int) -> bool:
    """Return whether one of several sorted lines is in a range."""
    index = bisect_left(lines, first)
    return index < len(lines) and lines[index] <= last


def _assigned(node: ast.ClassDef) -> Iterator[ast.expr]:
    for statement in node.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            yield statement.value


def _callbacks(node: ast.ClassDef, qualname: str) -> Iterator[EntryPoint]:
    for statement in node.body if node.bases else ():
        if isinstance(statement, ast.FunctionDef) and hooks_named(statement.name):
            yield EntryPoint(EntryKind.CALLBACK, f"{qualname}.{statement.name}", statement.lineno)


def _may_register(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return may_register(name)
