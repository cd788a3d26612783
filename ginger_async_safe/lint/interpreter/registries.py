"""Registries: lists, sets and dictionaries of a module, class or object, which other modules fill.

Before the analysis, what modules do at import is evaluated once for what it registers.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Scope
from ginger_async_safe.lint.domain.values import ClassValue, Instance, ModuleValue, function_at
from ginger_async_safe.lint.interpreter.decorators import apply_decorators
from ginger_async_safe.lint.interpreter.names import defined_in
from ginger_async_safe.lint.source.symbols import definitions

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.registrations import Registration
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter
    from ginger_async_safe.lint.source.project import Module

__all__ = ["hold", "is_local", "refill", "registered_by"]

_MAX_FUNCTIONS = 25  # functions for one decorator or call: those that register do little else


def _key_of(interpreter: Interpreter, node: ast.expr, frame: Frame) -> str | None:
    """Return the dotted name of the registry that an expression names, or ``None`` where it names none."""
    if isinstance(node, ast.Name):
        if frame.scope.find(node.id) is not None:
            return None
        return defined_in(interpreter, frame.module, node.id)
    if isinstance(node, ast.Subscript):
        key = _key_of(interpreter, node.value, frame)
        return None if key is None else f"{key}[]"
    if not isinstance(node, ast.Attribute):
        return None
    owner = interpreter.evaluate(node.value, frame.detached())
    if isinstance(owner, ModuleValue):
        return defined_in(interpreter, owner.module, node.attr)
    if isinstance(owner, ClassValue):
        return f"{owner.name}.{node.attr}"
    if isinstance(owner, Instance) and isinstance(owner.cls, ClassValue):
        return f"{owner.origin}.{node.attr}" if owner.origin else None
    return None


def is_local(target: ast.expr, frame: Frame) -> bool:
    """Return whether an expression is the name of a local variable, so that what is put into it concerns this function alone."""
    return isinstance(target, ast.Name) and target.id in frame.scope.names and target.id not in frame.globals


def hold(interpreter: Interpreter, target: ast.expr, value: Value, frame: Frame) -> None:
    """Record that a value is put into a container that was not made here, if that is what code is evaluated for."""
    if frame.is_read_for_fills:
        filled = _filled(interpreter, target, frame)
        if filled is not None:
            frame.attributes_ever.setdefault(f"{filled}[]", []).append(value)
    if not interpreter.registries.is_recording:
        return
    key = _key_of(interpreter, target, frame)
    if key is not None:
        interpreter.registries.record(key, value)


def _filled(interpreter: Interpreter, node: ast.expr, frame: Frame) -> str | None:
    """Return the name of a container: that of an attribute of the object whose method fills it, else the dotted name."""
    if isinstance(node, ast.Name):
        return defined_in(interpreter, frame.module, node.id)
    if isinstance(node, ast.Subscript):
        name = _filled(interpreter, node.value, frame)
        return None if name is None else f"{name}[]"
    if not isinstance(node, ast.Attribute):
        return None
    owner = interpreter.evaluate(node.value, frame.detached())
    if owner == frame.receiver or (isinstance(frame.receiver, Instance) and owner == frame.receiver.cls):
        return node.attr
    if isinstance(owner, ModuleValue):
        return defined_in(interpreter, owner.module, node.attr)
    return f"{owner.name}.{node.attr}" if isinstance(owner, ClassValue) else None


def registered_by(interpreter: Interpreter, module: Module) -> tuple[list[Registration], int]:
    """Evaluate what a module does at import, and return what it registers, and the modules that this depends on."""
    interpreter.registries.begin_recording()
    interpreter.begin_module()
    frame = Frame(Scope(module), module.name)
    for qualname, node in definitions(interpreter.project.tree(module).body):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or not node.decorator_list:
            continue
        is_class = isinstance(node, ast.ClassDef)
        value = ClassValue(module, qualname) if is_class else function_at(module, qualname, node.lineno)
        interpreter.budget.begin(_MAX_FUNCTIONS)
        apply_decorators(interpreter, value, node, frame)
    symbols = interpreter.project.symbols(module)
    for effect in symbols.effects:
        interpreter.budget.begin(_MAX_FUNCTIONS)
        interpreter.evaluate(effect, frame)
    for assignment in symbols.assignments:
        assigned = interpreter.evaluate(assignment.value, frame)
        for target in assignment.targets:
            if isinstance(target, ast.Subscript):
                hold(interpreter, target.value, assigned, frame)
    return interpreter.registries.end_recording(), frame.modules


def refill(interpreter: Interpreter, held: Registration) -> None:
    """Add a registration that an earlier check found."""
    module = interpreter.project.named(held.module)
    if module is None:
        return
    value = ClassValue(module, held.qualname) if held.is_class else function_at(module, held.qualname, held.line)
    interpreter.registries.add(held.registry, value)
