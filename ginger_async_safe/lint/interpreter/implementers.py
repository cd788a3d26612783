"""Implementers: the classes that an instance of an abstract class, or of a protocol, may be of.

Classes of tests are left out, unless the abstract class is one of them: they stand in for what the program uses.

A class implements a protocol without naming it where it defines all its methods with the same parameters. A few names say
little, so this counts only as long as few classes do.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import each
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Scope
from ginger_async_safe.lint.domain.values import BoundMethod, ClassValue, Closure, Decorated, FunctionValue
from ginger_async_safe.lint.interpreter.class_index import is_of_tests
from ginger_async_safe.lint.interpreter.classes import definition_of, find, is_helper, order_of, symbols_of
from ginger_async_safe.lint.source.stubs import is_abstract

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["abstract_methods_used", "implementers_of"]

_MAX_DERIVED = 50  # classes derived from one: more are plug-ins of a framework, and reading each takes too long
_MAX_STRUCTURAL = 4  # classes that have a protocol's methods by chance, or on purpose
_CONSTRUCTOR = "__init__"


def implementers_of(interpreter: Interpreter, cls: ClassValue, name: str, frame: Frame) -> tuple[ClassValue, ...]:
    """Return the classes that implement the abstract methods which a method of an abstract class is or uses.

    Args:
        interpreter: The interpreter.
        cls: The abstract class.
        name: The method or property.
        frame: The current frame, which then depends on the classes' modules.
    """
    used = abstract_methods_used(interpreter, cls, name, frame)
    if not used:
        return ()
    return interpreter.classes.implementers.of(
        (cls, name), frame, lambda: _find_implementers(interpreter, cls, name, used)
    )


def abstract_methods_used(interpreter: Interpreter, cls: ClassValue, name: str, frame: Frame) -> frozenset[str]:
    """Return the abstract methods that a method of a class is or uses, also through other methods of the instance."""
    abstract = _abstract_methods(interpreter, cls, frame)
    if not abstract:
        return abstract
    return interpreter.classes.abstract_used.of(
        (cls, name), frame, lambda: _find_used(interpreter, cls, name, abstract)
    )


def _abstract_methods(interpreter: Interpreter, cls: ClassValue, frame: Frame) -> frozenset[str]:
    """Return the names of the sync methods of a class that are abstract."""
    return interpreter.classes.abstract_methods.of(cls, frame, lambda: _find_abstract(interpreter, cls))


def _find_abstract(interpreter: Interpreter, cls: ClassValue) -> tuple[frozenset[str], int]:
    frame = Frame(Scope(cls.module), cls.name)
    names: dict[str, bool] = {}
    for base in reversed(order_of(interpreter, cls, frame)):
        symbols = symbols_of(interpreter, base) if isinstance(base, ClassValue) else None
        if symbols is None or not isinstance(base, ClassValue):
            continue
        is_protocol = _is_protocol(interpreter, base)
        for name, bindings in symbols.bindings.items():
            node = next((binding.node for binding in reversed(bindings) if not is_helper(binding)), None)
            names[name] = isinstance(node, ast.FunctionDef) and is_abstract(node, in_protocol=is_protocol)
    return frozenset(name for name, is_one in names.items() if is_one), frame.modules


def _is_protocol(interpreter: Interpreter, cls: ClassValue) -> bool:
    node = definition_of(interpreter, cls)
    return node is not None and any(_last_name(base) == "Protocol" for base in node.bases)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _find_used(
    interpreter: Interpreter, cls: ClassValue, name: str, abstract: frozenset[str]
) -> tuple[frozenset[str], int]:
    frame = Frame(Scope(cls.module), cls.name)
    found: set[str] = set()
    todo, seen = [name], set[str]()
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        if current in abstract:
            found.add(current)
            continue
        member = find(interpreter, cls, current, frame)
        for value in () if member is None else each(member[0]):
            todo += _attributes_used(interpreter, value)
    return frozenset(found), frame.modules


def _find_implementers(
    interpreter: Interpreter, cls: ClassValue, name: str, used: frozenset[str]
) -> tuple[tuple[ClassValue, ...], int]:
    frame = Frame(Scope(cls.module), cls.name)
    # Classes that inherit all of these methods from the same class do the same.
    different: dict[tuple[object, ...], ClassValue] = {}
    for candidate in _candidates(interpreter, cls, frame):
        if used.isdisjoint(_abstract_methods(interpreter, candidate, frame)):
            found = (
                find(interpreter, candidate, each_name, frame) for each_name in (name, *sorted(used), _CONSTRUCTOR)
            )
            different.setdefault(tuple(None if one is None else one[1] for one in found), candidate)
    interpreter.counts.left_out += max(len(different) - _MAX_DERIVED, 0)
    return tuple(different.values())[:_MAX_DERIVED], frame.modules


def _attributes_used(interpreter: Interpreter, value: Value) -> set[str]:
    """Return the attributes of its instance that a method reads."""
    while isinstance(value, (Decorated, BoundMethod)):
        value = value.function
    node = interpreter.definition(value) if isinstance(value, (FunctionValue, Closure)) else None
    first = None if node is None else next(iter([*node.args.posonlyargs, *node.args.args]), None)
    if node is None or first is None:
        return set()
    return {
        inner.attr
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id == first.arg
    }


def _candidates(interpreter: Interpreter, cls: ClassValue, frame: Frame) -> Iterable[ClassValue]:
    """Return the classes of the program that an instance of an abstract class may be of."""
    found = dict.fromkeys(_derived(interpreter, cls, frame))
    if _is_protocol(interpreter, cls):
        found.update(dict.fromkeys(_structural(interpreter, cls, frame)))
    leaves_out_tests = not is_of_tests(cls.module)
    return [each_class for each_class in found if not (leaves_out_tests and is_of_tests(each_class.module))]


def _derived(interpreter: Interpreter, cls: ClassValue, frame: Frame) -> Iterator[ClassValue]:
    """Yield the classes that are derived from one, the direct ones first."""
    todo, seen = [cls], {cls}
    for base in todo:
        for candidate in interpreter.class_index.with_base(base.qualname.rpartition(".")[2]):
            if candidate not in seen and base in order_of(interpreter, candidate, frame):
                seen.add(candidate)
                todo.append(candidate)
                yield candidate


def _structural(interpreter: Interpreter, cls: ClassValue, frame: Frame) -> list[ClassValue]:
    """Return the classes that have the methods of a protocol, without naming it."""
    methods = {
        name: node
        for base in reversed(order_of(interpreter, cls, frame))
        if isinstance(base, ClassValue)
        for name, node in _methods(interpreter, base).items()
        if not name.startswith("__")
    }
    if not methods:
        return []
    found = [
        candidate
        for candidate in interpreter.class_index.with_methods(methods)
        if candidate != cls
        and not _is_protocol(interpreter, candidate)
        and all(_is_alike(node, _methods(interpreter, candidate).get(name)) for name, node in methods.items())
    ]
    for candidate in found:
        frame.depend_on(candidate.module.bit)
    if len(found) <= _MAX_STRUCTURAL:
        return found
    interpreter.counts.left_out += len(found)
    return []


def _methods(interpreter: Interpreter, cls: ClassValue) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    node = definition_of(interpreter, cls)
    return {
        each_node.name: each_node
        for each_node in ([] if node is None else node.body)
        if isinstance(each_node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }


def _is_alike(
    mine: ast.FunctionDef | ast.AsyncFunctionDef, other: ast.FunctionDef | ast.AsyncFunctionDef | None
) -> bool:
    """Return whether a method can be called as a protocol says: with the same parameters, and others with defaults."""
    if type(mine) is not type(other) or other is None:
        return False
    needed = [each_argument.arg for each_argument in (*mine.args.posonlyargs, *mine.args.args)][1:]
    has = [each_argument.arg for each_argument in (*other.args.posonlyargs, *other.args.args)][1:]
    keywords = {each_argument.arg for each_argument in other.args.kwonlyargs}
    needed_keywords = {each_argument.arg for each_argument in mine.args.kwonlyargs}
    return (
        has[: len(needed)] == needed
        and len(has) - len(needed) <= len(other.args.defaults)
        and (needed_keywords <= {*keywords, *has} or other.args.kwarg is not None)
    )
