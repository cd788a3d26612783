"""What a name is bound to: in a module that is read, or outside."""

from __future__ import annotations

import ast
import builtins
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.decorating import decorated
from ginger_async_safe.lint.frames import Frame, Scope
from ginger_async_safe.lint.holding import with_held
from ginger_async_safe.lint.iterating import elements_of, entered, unpacked
from ginger_async_safe.lint.knowledge import canonical
from ginger_async_safe.lint.knowledge.known import is_known
from ginger_async_safe.lint.values import (
    UNKNOWN,
    ClassValue,
    Closure,
    External,
    FunctionValue,
    Instance,
    Literal,
    ModuleValue,
    Unknown,
    join_known,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.modules import Module
    from ginger_async_safe.lint.symbols import Binding
    from ginger_async_safe.lint.values import Value

__all__ = ["bound_value", "defined_in", "exported", "imported", "imported_from", "name_value", "of_module"]

_BUILTINS = frozenset(dir(builtins))
_MOST_IMPORTS = 8  # modules that hand a name on
_MODULE_NAMES = frozenset({"__name__", "__file__", "__doc__", "__package__", "__path__"})


def name_value(machine: Machine, name: str, frame: Frame) -> Value:
    """Return what a name is bound to where a function uses it."""
    value = frame.scope.find(name)
    if value is not None:
        return value
    found = of_module(machine, frame.module, name, frame)
    if found is not None:
        return found
    if name == "__class__" and frame.owner is not None:
        return frame.owner
    if name == "__debug__":
        return Literal(True)
    return External(canonical(name)) if name in _BUILTINS else UNKNOWN


def of_module(machine: Machine, module: Module, name: str, frame: Frame | None) -> Value | None:
    """Return what a module binds a name to, or ``None`` where it does not bind it.

    Args:
        machine: The machine.
        module: The module.
        name: The name.
        frame: The frame that asks, which then depends on the module.
    """
    key = (module, name)
    known = machine.globals.get(key)
    if known is None:
        if ("name", *key) in machine.in_progress:
            return _bound(machine, module, name, machine.in_progress[("name", module, name)])[0]
        value, modules = _bound(machine, module, name, None)
        if isinstance(value, Instance) and isinstance(value.cls, ClassValue) and value.cls.module in machine.holding:
            value = replace(value, arguments=(*value.arguments, ("<origin>", Literal(f"{module.name}.{name}"))))
        known = machine.globals[key] = (value, modules)
    if frame is not None:
        frame.modules |= known[1]
    if name in machine.held_names and known[0] is not None:
        return with_held(machine, f"{module.name}.{name}", known[0])
    return known[0]


def defined_in(machine: Machine, module: Module, name: str) -> str | None:
    """Return the dotted name of a variable of a module, where it is defined; ``None`` where it is none."""
    for _ in range(_MOST_IMPORTS):
        bindings = machine.project.symbols(module).bindings.get(name)
        if not bindings:
            return None
        node = bindings[-1].node
        if not isinstance(node, ast.ImportFrom):
            return f"{module.name}.{name}" if bindings[-1].kind == "value" else None
        origin = _absolute(node, module)
        found = None if origin is None else machine.project.find(origin, module)
        if found is None:
            return None
        module, name = found, bindings[-1].name
    return None


def _bound(machine: Machine, module: Module, name: str, before: int | None) -> tuple[Value | None, int]:
    """Return what a module binds a name to, by the bindings before a certain one, and what was looked into for it."""
    symbols = machine.project.symbols(module)
    bindings = symbols.bindings.get(name, [])[:before]
    frame = Frame(Scope(module), module.name)
    if not bindings:
        if before is None:
            for star in reversed(symbols.stars):
                value = _from_star(machine, module, star, name, frame)
                if value is not None:
                    return value, frame.modules
        if name in _MODULE_NAMES:
            return Literal(module.name) if name == "__name__" else UNKNOWN, module.bit
        return None, module.bit
    key = ("name", module, name)
    outer = machine.in_progress.get(key)
    values: list[Value] = []
    try:
        for index in range(len(bindings) - 1, -1, -1):
            machine.in_progress[key] = index
            values.append(bound_value(machine, bindings[index], frame))
            if bindings[index].is_certain:
                break
    finally:
        if outer is None:
            del machine.in_progress[key]
        else:
            machine.in_progress[key] = outer
    return join_known(values), frame.modules


def _from_star(machine: Machine, module: Module, star: ast.ImportFrom, name: str, frame: Frame) -> Value | None:
    origin = _absolute(star, module)
    if origin is None or name.startswith("_"):
        return None
    found = machine.project.find(origin, module)
    if found is None:
        return _from_outside(machine, origin, name)
    if found is module:
        return None
    return of_module(machine, found, name, frame)


def _from_outside(machine: Machine, origin: str, name: str) -> Value | None:
    """Return what a star of a module outside gives by a name, if the tables know it there."""
    known = canonical(f"{origin}.{name}")
    return External(known) if is_known(known) or machine.rules.tells(known) else None


def bound_value(
    machine: Machine, binding: Binding, frame: Frame, prefix: str = "", owner: ClassValue | None = None
) -> Value:
    """Return what a binding of a module or class binds its name to.

    Args:
        machine: The machine.
        binding: The binding.
        frame: The frame of the module or class.
        prefix: The qualified name of the class with a dot, for names of a class.
        owner: The class.
    """
    node = binding.node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        name = prefix + node.name
        if owner is not None and owner.scope is not None:
            return decorated(machine, Closure(frame.module, name, node, owner.scope, owner), node, frame)
        return decorated(machine, FunctionValue(frame.module, name, node.lineno, owner), node, frame)
    if isinstance(node, ast.ClassDef):
        return decorated(machine, ClassValue(frame.module, prefix + node.name), node, frame)
    if isinstance(node, ast.Import):
        return imported(machine, binding.name, frame)
    if isinstance(node, ast.ImportFrom):
        return imported_from(machine, node, binding.name, frame)
    if binding.kind == "annotation":
        return UNKNOWN if binding.annotation is None else machine.annotated(binding.annotation, frame)
    if not isinstance(node, ast.expr):
        return UNKNOWN
    value = machine.evaluate(node, frame.aside())
    if binding.kind == "element":
        value = elements_of(machine, value, node, frame.aside())
    elif binding.kind == "entered":
        value = entered(machine, value, node, frame.aside())
    value = unpacked(machine, value, binding.path, node, frame.aside())
    if isinstance(value, (Unknown, Literal)) and binding.annotation is not None:
        return join_known((value, machine.annotated(binding.annotation, frame)))
    return value


def imported(machine: Machine, name: str, frame: Frame) -> Value:
    """Return what ``import name`` gives."""
    found = machine.project.find(name, frame.module)
    if found is not None:
        frame.modules |= found.bit
        return ModuleValue(found)
    return External(canonical(name))


def imported_from(machine: Machine, statement: ast.ImportFrom, name: str, frame: Frame) -> Value:
    """Return what ``from module import name`` gives."""
    origin = _absolute(statement, frame.module)
    if origin is None:
        return UNKNOWN
    found = machine.project.find(origin, frame.module)
    if found is not None:
        return exported(machine, found, name, frame)
    submodule = machine.project.find(f"{origin}.{name}", frame.module)
    if submodule is not None:
        return ModuleValue(submodule)
    return External(canonical(f"{origin}.{name}"))


def exported(machine: Machine, module: Module, name: str, frame: Frame) -> Value:
    """Return what a module gives by a name: what it binds, or a module in it."""
    known = canonical(f"{module.name}.{name}")
    if is_known(known):
        return External(known)  # the project is the framework itself
    if ("name", module, name) in machine.in_progress and frame.module is module:
        value = None
    else:
        value = of_module(machine, module, name, frame)
    if value is not None:
        return value
    submodule = machine.project.find(f"{module.name}.{name}", module)
    if submodule is not None and submodule is not module:
        frame.modules |= submodule.bit
        return ModuleValue(submodule)
    return UNKNOWN


def _absolute(statement: ast.ImportFrom, module: Module) -> str | None:
    if not statement.level:
        return statement.module
    package = module.package(statement.level)
    return ".".join(filter(None, (package, statement.module))) or None
