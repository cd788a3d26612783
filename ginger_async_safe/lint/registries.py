"""What registries hold: lists, sets and dictionaries of a module, a class or an object, which others fill.

Before any function is judged, all that modules do when they are imported is read once for what it registers.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.decorating import decorated
from ginger_async_safe.lint.frames import Frame, Scope
from ginger_async_safe.lint.names import defined_in
from ginger_async_safe.lint.symbols import definitions
from ginger_async_safe.lint.values import (
    ClassValue,
    FunctionValue,
    Instance,
    Literal,
    ModuleValue,
    each,
    function_at,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.modules import Module
    from ginger_async_safe.lint.values import Value

__all__ = ["ADDING", "Held", "hold", "refill", "registered_by"]

ADDING = frozenset({"add", "append", "appendleft", "extend", "insert", "setdefault"})
"""The methods by which something is added to what holds it; it is their last argument."""


_MOST_READ = 25  # functions for one decorator or call: what registers does not do much else


class Held(NamedTuple):
    """Something that a registry holds.

    Attributes:
        registry: The dotted name of the registry.
        module: The dotted name of the module where the thing is.
        qualname: Its qualified name there.
        line: The line of its definition.
        is_class: Whether it is a class.
    """

    registry: str
    module: str
    qualname: str
    line: int
    is_class: bool


def key_of(machine: Machine, node: ast.expr, frame: Frame) -> str | None:
    """Return the dotted name of the registry that an expression names, or ``None`` where it names none."""
    if isinstance(node, ast.Name):
        if frame.scope.find(node.id) is not None:
            return None
        return defined_in(machine, frame.module, node.id)
    if isinstance(node, ast.Subscript):
        key = key_of(machine, node.value, frame)
        return None if key is None else f"{key}[]"
    if not isinstance(node, ast.Attribute):
        return None
    owner = machine.evaluate(node.value, frame.aside())
    if isinstance(owner, ModuleValue):
        return defined_in(machine, owner.module, node.attr)
    if isinstance(owner, ClassValue):
        return f"{owner.name}.{node.attr}"
    if isinstance(owner, Instance) and isinstance(owner.cls, ClassValue):
        origin = dict(owner.arguments).get("<origin>")
        return f"{origin.value}.{node.attr}" if isinstance(origin, Literal) else None
    return None


def hold(machine: Machine, target: ast.expr, value: Value, frame: Frame) -> None:
    """Note that a registry holds a value from now on, while modules are read for what they register."""
    if not machine.registers:
        return
    key = key_of(machine, target, frame)
    if key is None:
        return
    for member in each(value):
        if isinstance(member, FunctionValue) and _put(machine, key, member):
            machine.registered.append(Held(key, member.module.name, member.qualname, member.line, is_class=False))
        elif isinstance(member, ClassValue) and member.scope is None and _put(machine, key, member):
            machine.registered.append(Held(key, member.module.name, member.qualname, 0, is_class=True))


def _put(machine: Machine, key: str, value: Value) -> bool:
    """Put a value into what a registry holds, and tell whether it was not there."""
    known = machine.held.setdefault(key, [])
    if value in known:
        return False
    known.append(value)
    machine.held_names.add(key.partition("[")[0].rpartition(".")[2])
    return True


def registered_by(machine: Machine, module: Module) -> tuple[list[Held], int]:
    """Read what a module does when it is imported, and return what that registers, and the modules that were looked into."""
    machine.registers = True
    machine.registered = []
    machine.begin_module()
    frame = Frame(Scope(module), module.name)
    for qualname, node in definitions(machine.project.tree(module).body):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or not node.decorator_list:
            continue
        is_class = isinstance(node, ast.ClassDef)
        value = ClassValue(module, qualname) if is_class else function_at(module, qualname, node.lineno)
        machine.begin(_MOST_READ)
        decorated(machine, value, node, frame)
    symbols = machine.project.symbols(module)
    for effect in symbols.effects:
        machine.begin(_MOST_READ)
        machine.evaluate(effect, frame)
    for store in symbols.stores:
        value_of_store = machine.evaluate(store.value, frame)
        for target in store.targets:
            if isinstance(target, ast.Subscript):
                hold(machine, target.value, value_of_store, frame)
    machine.registers = False
    return machine.registered, frame.modules


def refill(machine: Machine, held: Held) -> None:
    """Note what an earlier check found to be registered."""
    module = machine.project.named(held.module)
    if module is None:
        return
    value = ClassValue(module, held.qualname) if held.is_class else function_at(module, held.qualname, held.line)
    _put(machine, held.registry, value)
