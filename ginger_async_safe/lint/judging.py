"""What is found from the functions of one module."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.blocking import called_by_loop
from ginger_async_safe.lint.classes import has_base
from ginger_async_safe.lint.entries import PROTOCOLS
from ginger_async_safe.lint.frames import Arguments, Frame, Scope
from ginger_async_safe.lint.knowledge.known import MARKING
from ginger_async_safe.lint.models import queryset_class_of
from ginger_async_safe.lint.values import ClassValue, External, Instance, Literal, QuerySet, function_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ginger_async_safe.lint.entries import Entry, Facts
    from ginger_async_safe.lint.findings import Finding
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.modules import Module
    from ginger_async_safe.lint.values import FunctionValue, Value

__all__ = ["findings_of", "tell"]


def tell(machine: Machine, facts: Mapping[Path, Facts]) -> None:
    """Tell the machine what has to be known of all modules before one is read."""
    for module in machine.project.modules:
        known = facts[module.path]
        for name in known.classes:
            machine.classes.setdefault(name.rpartition(".")[2], []).append(module)
        machine.related += [(module, name) for name in known.related]
    for module in machine.project.modules:
        if facts[module.path].guards:
            _note_guards(machine, module)


def _note_guards(machine: Machine, module: Module) -> None:
    """Note the methods that ``async_unsafe.guard(cls, "name")`` marks."""
    for node in ast.walk(machine.project.tree(module)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "guard":
            continue
        frame = Frame(Scope(module), module.name)
        function = machine.evaluate(node.func.value, frame)
        if not isinstance(function, External) or function.name not in MARKING or not node.args:
            continue
        cls = machine.evaluate(node.args[0], frame)
        for argument in node.args[1:]:
            if (
                isinstance(cls, (ClassValue, External))
                and isinstance(argument, ast.Constant)
                and isinstance(argument.value, str)
            ):
                machine.guarded[cls.name, argument.value] = _use_of(node)


def _use_of(node: ast.Call) -> str:
    for keyword in node.keywords:
        if keyword.arg == "use" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return ""


def findings_of(machine: Machine, module: Module, facts: Facts) -> tuple[set[Finding], int]:
    """Return what is found from the functions of a module, and the modules that were looked into for it."""
    findings: set[Finding] = set()
    modules = module.bit
    machine.begin_module()
    for entry in facts.entries:
        machine.begin()
        found, looked_into = _findings_at(machine, module, entry)
        findings |= found
        modules |= looked_into
    if facts.entries:
        machine.begin()
        frame = Frame(Scope(module), module.name)
        for effect in machine.project.symbols(module).effects:
            machine.evaluate(effect, frame)
        findings |= frame.findings
        modules |= frame.modules
    return findings, modules


def _findings_at(machine: Machine, module: Module, entry: Entry) -> tuple[set[Finding], int]:
    function = function_at(module, entry.qualname, entry.line)
    owner = function.owner
    frame = Frame(Scope(module), module.name)
    if entry.kind == "callback" and (owner is None or not has_base(machine, owner, PROTOCOLS, frame)):
        return set(), frame.modules
    receiver = None if owner is None else _receiver(machine, function, owner, frame)
    result = machine.read(function, Arguments(is_complete=False), receiver, is_entry=True)
    found = set(result.findings)
    if entry.kind == "callback":
        found |= set(map(called_by_loop, result.events))
    return found, result.modules | frame.modules


def _receiver(machine: Machine, function: FunctionValue, owner: ClassValue, frame: Frame) -> Value | None:
    node = machine.definition(function)
    names = set()
    for decorator in [] if node is None or isinstance(node, ast.Lambda) else node.decorator_list:
        value = machine.evaluate(decorator, frame)
        names |= {value.name} if isinstance(value, External) else set()
    if "staticmethod" in names:
        return None
    if "classmethod" in names:
        return owner
    kind = queryset_class_of(machine, owner, frame)
    if kind is not None:
        return QuerySet(kind[0], Literal(None), kind[1], classes=(owner,))
    return Instance(owner)
