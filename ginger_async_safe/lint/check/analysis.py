"""The analysis of one module: the findings from its entry points."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.django.models import queryset_class_of
from ginger_async_safe.lint.domain.events import called_by_loop
from ginger_async_safe.lint.domain.findings import Cut
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.kinds import Limit
from ginger_async_safe.lint.domain.scopes import Arguments, Scope
from ginger_async_safe.lint.domain.values import (
    ClassValue,
    Constant,
    External,
    FunctionValue,
    Instance,
    QuerySet,
    function_at,
)
from ginger_async_safe.lint.interpreter.abstract_calls import with_implementations
from ginger_async_safe.lint.interpreter.classes import find, order_of
from ginger_async_safe.lint.interpreter.functions import evaluate_function
from ginger_async_safe.lint.knowledge.known import MARKING
from ginger_async_safe.lint.knowledge.orm import FRAMEWORKS
from ginger_async_safe.lint.source.entry_points import EntryKind
from ginger_async_safe.lint.source.hooks import DECORATORS, IN_THREADS, hooks_named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.findings import Finding
    from ginger_async_safe.lint.interpreter.interpreter import Function, Interpreter
    from ginger_async_safe.lint.source.entry_points import EntryPoint, Facts
    from ginger_async_safe.lint.source.project import Module

__all__ = ["findings_of", "load_facts"]


def load_facts(interpreter: Interpreter, facts: Mapping[Path, Facts]) -> None:
    """Load the facts of all modules into the interpreter, before any function is evaluated."""
    names = [name.encode() for name in FRAMEWORKS]
    interpreter.models.are_possible = any(
        name in module.data for module in interpreter.project.modules for name in names
    )
    for module in interpreter.project.modules:
        known = facts[module.path]
        interpreter.models.add(module, (each.name for each in known.classes), known.related)
        interpreter.class_index.add(module, known.classes)
        interpreter.shared.add(module, known.stores)
        interpreter.fills.add(module, known.fills)
    for module in interpreter.project.modules:
        if facts[module.path].guards:
            _note_guards(interpreter, module)


def _note_guards(interpreter: Interpreter, module: Module) -> None:
    """Record the methods that ``async_unsafe.guard(cls, "name")`` marks."""
    for node in ast.walk(interpreter.project.tree(module)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "guard":
            continue
        frame = Frame(Scope(module), module.name)
        function = interpreter.evaluate(node.func.value, frame)
        if not isinstance(function, External) or function.name not in MARKING or not node.args:
            continue
        cls = interpreter.evaluate(node.args[0], frame)
        for argument in node.args[1:]:
            if (
                isinstance(cls, (ClassValue, External))
                and isinstance(argument, ast.Constant)
                and isinstance(argument.value, str)
            ):
                interpreter.marks.guarded[cls.name, argument.value] = _fix_of(node)


def _fix_of(node: ast.Call) -> str:
    for keyword in node.keywords:
        if keyword.arg == "fix" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return ""


def findings_of(interpreter: Interpreter, module: Module, facts: Facts) -> tuple[set[Finding], set[Cut], int]:
    """Return the findings from the entry points of a module, those that were cut short, and the modules that they depend on."""
    findings: set[Finding] = set()
    cuts: set[Cut] = set()
    modules = module.bit
    interpreter.begin_module()
    for entry in facts.entries:
        interpreter.budget.begin()
        interpreter.recursion.limits = frozenset()
        try:
            found, dependencies = _findings_at(interpreter, module, entry)
        except RecursionError:  # generated code, mostly
            found, dependencies = set(), module.bit
            interpreter.recursion.limits |= {Limit.NESTING}
        findings |= found
        cuts |= {
            Cut(module.path, entry.line, f"{module.name}.{entry.qualname}", limit.value)
            for limit in interpreter.recursion.limits
        }
        modules |= dependencies
    if facts.entries:
        interpreter.budget.begin()
        frame = Frame(Scope(module), module.name)
        for effect in interpreter.project.symbols(module).effects:
            interpreter.evaluate(effect, frame)
        findings |= set(with_implementations(interpreter, frame.findings, frame))
        modules |= frame.modules
    return findings, cuts, modules


def _findings_at(interpreter: Interpreter, module: Module, entry: EntryPoint) -> tuple[set[Finding], int]:
    function = function_at(module, entry.qualname, entry.line)
    owner = function.owner
    frame = Frame(Scope(module), module.name)
    if entry.kind is EntryKind.CALLBACK and not _is_hook(interpreter, function, frame):
        return set(), frame.modules
    receiver = None if owner is None else _receiver(interpreter, function, owner, frame)
    result = evaluate_function(interpreter, function, Arguments(is_complete=False), receiver, is_entry=True)
    frame.depend_on(result.modules)
    found = set(with_implementations(interpreter, result.findings, frame))
    if entry.kind is EntryKind.CALLBACK:
        found |= set(map(called_by_loop, with_implementations(interpreter, result.events, frame)))
    return found, frame.modules


def _is_hook(interpreter: Interpreter, function: FunctionValue, frame: Frame) -> bool:
    """Return whether a framework, or the event loop itself, calls a function on the loop."""
    node = interpreter.definition(function)
    decorators = set() if node is None else _decorators(interpreter, node, frame)
    if decorators & IN_THREADS:
        return False
    if decorators & DECORATORS:
        return True
    owner, name = function.owner, function.qualname.rpartition(".")[2]
    if owner is None:
        return False
    bases = [base.name for base in order_of(interpreter, owner, frame) if isinstance(base, External)]
    return any(
        any(map(hook.fits, bases))
        and not (hook.prefers_twin and find(interpreter, owner, f"a{name}", frame) is not None)
        for hook in hooks_named(name)
    )


def _decorators(interpreter: Interpreter, node: Function, frame: Frame) -> set[str]:
    """Return the dotted names of the decorators of a function, without their arguments."""
    found = set()
    for decorator in [] if isinstance(node, ast.Lambda) else node.decorator_list:
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        value = interpreter.evaluate(function, frame.detached())
        found |= {value.name} if isinstance(value, (External, FunctionValue)) else set()
    return found


def _receiver(interpreter: Interpreter, function: FunctionValue, owner: ClassValue, frame: Frame) -> Value | None:
    node = interpreter.definition(function)
    names = set()
    for decorator in [] if node is None or isinstance(node, ast.Lambda) else node.decorator_list:
        value = interpreter.evaluate(decorator, frame)
        names |= {value.name} if isinstance(value, External) else set()
    if "staticmethod" in names:
        return None
    if "classmethod" in names:
        return owner
    kind = queryset_class_of(interpreter, owner, frame)
    if kind is not None:
        return QuerySet(kind[0], Constant(None), kind[1], classes=(owner,))
    return Instance(owner)
