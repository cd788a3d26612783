"""Containers that are filled elsewhere: pools, caches and registries of a module, a class or an object.

What a container holds where it is made is often nothing; the functions that fill it are then evaluated for what they put in.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, each, join_known
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Scope
from ginger_async_safe.lint.domain.values import (
    TEXT,
    ClassValue,
    Collection,
    Constant,
    Instance,
    function_at,
    has_unknown_contents,
)
from ginger_async_safe.lint.interpreter.classes import order_of
from ginger_async_safe.lint.interpreter.functions import put_in_by
from ginger_async_safe.lint.interpreter.names import defined_in
from ginger_async_safe.lint.interpreter.registries import hold
from ginger_async_safe.lint.interpreter.registry_contents import with_contents
from ginger_async_safe.lint.source.symbols import definitions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ginger_async_safe.lint.domain.bases import Single, Value
    from ginger_async_safe.lint.domain.values import FunctionValue
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter
    from ginger_async_safe.lint.source.fills import Fill
    from ginger_async_safe.lint.source.project import Module

__all__ = ["filled_attribute", "filled_variable"]

_MAX_FUNCTIONS = 12  # that fill one container: names that more fill are too common to mean one


def filled_variable(interpreter: Interpreter, module: Module, name: str, value: Value, frame: Frame) -> Value:
    """Return the value of a variable of a module, with what functions put into it where it is a container."""
    if not any(map(has_unknown_contents, each(value))):
        return value
    key = defined_in(interpreter, module, name)
    if key is None:
        return value
    contents = interpreter.fills.contents.of(key, frame, _find_contents, interpreter, key, name)
    return _with_contents(value, contents)


def filled_attribute(interpreter: Interpreter, cls: ClassValue, name: str, value: Value, frame: Frame) -> Value:
    """Return an attribute of a class or its instances, with what functions put into it where it is a container."""
    if not any(map(has_unknown_contents, each(value))):
        return value
    contents = interpreter.fills.contents.of((cls, name), frame, _find_contents_of, interpreter, cls, name)
    return _with_contents(value, contents)


def _with_contents(value: Value, contents: Value) -> Value:
    if isinstance(contents, Unknown):
        return value
    return join_known(
        with_contents(member, (contents,)) if has_unknown_contents(member) else member for member in each(value)
    )


def _find_contents(interpreter: Interpreter, key: str, name: str) -> tuple[Value, int]:
    """Return what functions and modules put into a variable, and the modules that this depends on."""
    module_name = key.rpartition(".")[0]
    fills = [
        (module, fill)
        for module, fill in interpreter.fills.by_name.get(name, ())
        if (module.name == module_name and not fill.owner)
        or (fill.is_foreign and (fill.owner or defined_in(interpreter, module, name) == key))
    ]
    return _put_in(interpreter, fills, key, None)


def _find_contents_of(interpreter: Interpreter, cls: ClassValue, name: str) -> tuple[Value, int]:
    """Return what methods, and functions that name the class, put into an attribute, and the modules that this depends on."""
    frame = Frame(Scope(cls.module), cls.name)
    found: list[Value] = []
    modules = cls.module.bit
    for base in order_of(interpreter, cls, frame):
        if not isinstance(base, ClassValue):
            continue
        short = base.qualname.rpartition(".")[2]
        mine: list[tuple[Module, Fill]] = []
        others: list[tuple[Module, Fill]] = []
        for module, fill in interpreter.fills.by_name.get(name, ()):
            if fill.owner == short and (fill.is_foreign or module is base.module):
                others.append((module, fill))
            elif fill.owner and not fill.is_foreign and module is base.module:
                mine.append((module, fill))
        for fills, key, receiver in ((mine, name, cls), (others, f"{base.name}.{name}", None)):
            contents, depends_on = _put_in(interpreter, fills, key, receiver, base if receiver else None)
            found.append(contents)
            modules |= depends_on
    return join_known(found), modules | frame.modules


def _put_in(
    interpreter: Interpreter,
    fills: Iterable[tuple[Module, Fill]],
    key: str,
    cls: ClassValue | None,
    base: ClassValue | None = None,
) -> tuple[Value, int]:
    """Return what is put into a container, and the modules that this depends on.

    Args:
        interpreter: The interpreter.
        fills: The lines that may do it.
        key: What is filled, as frames name it.
        cls: The class whose methods are evaluated; ``None`` for all functions.
        base: The class that defines these methods: itself, or a base of it.
    """
    functions: dict[FunctionValue, None] = {}
    found: list[Value] = []
    modules = 0
    for module, fill in fills:
        modules |= module.bit
        function = _function_around(interpreter, module, fill.line)
        if function is None:
            found += _of(_put_in_at_import(interpreter, module, fill.line), key) if base is None else ()
        elif base is None or function.owner == base:
            functions[function] = None
    if len(functions) > _MAX_FUNCTIONS:
        return UNKNOWN, modules
    frame = Frame(Scope(next(iter(functions)).module), "") if functions else None
    for function in functions:
        if frame is not None:
            found += _of(put_in_by(interpreter, function, _receiver(interpreter, function, cls), frame), key)
            modules |= frame.modules
    return join_known(found), modules


def _of(stores: Mapping[str, Value], key: str) -> list[Value]:
    """Return what is put into a container, those values that calls of methods are of interest of."""
    found = [member for member in each(stores.get(f"{key}[]", UNKNOWN)) if _matters(member)]
    inner = [member for member in each(stores.get(f"{key}[][]", UNKNOWN)) if _matters(member)]
    return [*found, Collection("list", join_known(inner))] if inner else list(found)


def _matters(value: Single) -> bool:
    return not isinstance(value, (Unknown, Constant)) and value != TEXT


def _function_around(interpreter: Interpreter, module: Module, line: int) -> FunctionValue | None:
    """Return the function of a module or class that a line is in, or ``None`` where it runs at import."""
    for qualname, node in definitions(interpreter.project.tree(module).body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.lineno <= line <= (
            node.end_lineno or line
        ):
            return function_at(module, qualname, node.lineno)
    return None


def _receiver(interpreter: Interpreter, function: FunctionValue, cls: ClassValue | None) -> Value | None:
    owner = function.owner if cls is None else cls
    node = interpreter.definition(function)
    if owner is None or node is None or isinstance(node, ast.Lambda):
        return None
    names = {each_node.id for each_node in node.decorator_list if isinstance(each_node, ast.Name)}
    if "staticmethod" in names:
        return None
    return owner if "classmethod" in names else Instance(owner)


def _put_in_at_import(interpreter: Interpreter, module: Module, line: int) -> Mapping[str, Value]:
    """Return what a line of a module that runs at import puts into containers."""
    frame = Frame(Scope(module), module.name)
    frame.is_read_for_fills = True
    symbols = interpreter.project.symbols(module)
    for effect in symbols.effects:
        if effect.lineno <= line <= (effect.end_lineno or line):
            interpreter.evaluate(effect, frame)
    for assignment in symbols.assignments:
        if assignment.lineno <= line <= (assignment.end_lineno or line):
            value = interpreter.evaluate(assignment.value, frame)
            for target in assignment.targets:
                if isinstance(target, ast.Subscript):
                    hold(interpreter, target.value, value, frame)
    return {key: join_known(values) for key, values in frame.attributes_ever.items()}
