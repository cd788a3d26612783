"""Names: what they are bound to, in modules of the project and outside."""

from __future__ import annotations

import ast
import builtins
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, join, join_known
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Scope
from ginger_async_safe.lint.domain.values import (
    NOTHING,
    ClassValue,
    Closure,
    Constant,
    External,
    FunctionValue,
    Instance,
    ModuleValue,
    Partial,
    TypeForm,
    has_unknown_contents,
    shared,
)
from ginger_async_safe.lint.interpreter.consuming import elements_of, enter, unpacked
from ginger_async_safe.lint.interpreter.decorators import apply_decorators
from ginger_async_safe.lint.interpreter.finality import is_final
from ginger_async_safe.lint.interpreter.imports import after_import
from ginger_async_safe.lint.knowledge.known import is_known
from ginger_async_safe.lint.knowledge.rule_table import canonical
from ginger_async_safe.lint.source.symbols import BindingKind

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter
    from ginger_async_safe.lint.source.project import Module
    from ginger_async_safe.lint.source.symbols import Binding

__all__ = ["bound_value", "defined_in", "exported", "imported", "imported_from", "name_value", "of_module"]

_BUILTINS = frozenset(dir(builtins))
_MAX_IMPORTS = 8  # modules that re-export a name
_MODULE_NAMES = frozenset({"__name__", "__file__", "__doc__", "__package__", "__path__"})


def name_value(interpreter: Interpreter, name: str, frame: Frame) -> Value:
    """Return the value of a name in a function."""
    value = frame.scope.find(name)
    if value is not None:
        return value
    found = of_module(interpreter, frame.module, name, frame)
    if found is not None:
        return found
    if name == "__class__" and frame.owner is not None:
        return frame.owner
    if name == "__debug__":
        return Constant(True)
    return External(canonical(name)) if name in _BUILTINS else UNKNOWN


def of_module(interpreter: Interpreter, module: Module, name: str, frame: Frame) -> Value | None:
    """Return the value of a name of a module, or ``None`` where the module does not bind it.

    Args:
        interpreter: The interpreter.
        module: The module.
        name: The name.
        frame: The current frame, which then depends on the module.
    """
    key = (module, name)
    before = interpreter.names.being_bound.get(key)
    if before is not None:
        interpreter.recursion.meets_part((interpreter.names.values, key))
        value, modules = _bound(interpreter, module, name, before)
        frame.depend_on(modules)
        return value
    value = interpreter.names.values.of(key, frame, _value_of, interpreter, module, name)
    if name in interpreter.registries.names and value is not None:
        return interpreter.registries.filled(f"{module.name}.{name}", value)
    return value


def _value_of(interpreter: Interpreter, module: Module, name: str) -> tuple[Value | None, int]:
    value, modules = _bound(interpreter, module, name, None)
    value = None if value is None else shared(value)
    if value is not None and (module, name) in interpreter.imports.names:
        value = after_import(value)
    if (
        isinstance(value, Instance)
        and isinstance(value.cls, ClassValue)
        and value.cls.module in interpreter.registries.modules
    ):
        value = replace(value, origin=f"{module.name}.{name}")
    return value, modules


def defined_in(interpreter: Interpreter, module: Module, name: str) -> str | None:
    """Return the dotted name of a variable in the module that defines it; ``None`` where it is no variable."""
    for _ in range(_MAX_IMPORTS):
        bindings = interpreter.project.symbols(module).bindings.get(name)
        if not bindings:
            return None
        node = bindings[-1].node
        if not isinstance(node, ast.ImportFrom):
            return f"{module.name}.{name}" if bindings[-1].kind is BindingKind.VALUE else None
        origin = _absolute(node, module)
        found = None if origin is None else interpreter.project.find(origin, module)
        if found is None:
            return None
        module, name = found, bindings[-1].name
    return None


def _bound(interpreter: Interpreter, module: Module, name: str, before: int | None) -> tuple[Value | None, int]:
    """Return the value of a name by the bindings before a certain one, and the modules that it depends on."""
    symbols = interpreter.project.symbols(module)
    bindings = symbols.bindings.get(name, [])[:before]
    frame = Frame(Scope(module), module.name)
    if not bindings:
        if before is None:
            for star in reversed(symbols.stars):
                value = _from_star(interpreter, module, star, name, frame)
                if value is not None:
                    return value, frame.modules
        if name in _MODULE_NAMES:
            return Constant(module.name) if name == "__name__" else UNKNOWN, module.bit
        return None, module.bit
    key = (module, name)
    being_bound = interpreter.names.being_bound
    outer = being_bound.get(key)
    values: list[Value] = []
    try:
        for index in range(len(bindings) - 1, -1, -1):
            being_bound[key] = index
            values.append(bound_value(interpreter, bindings[index], frame))
            if bindings[index].is_certain:
                break
    finally:
        if outer is None:
            del being_bound[key]
        else:
            being_bound[key] = outer
    return join_known(values), frame.modules


def _from_star(interpreter: Interpreter, module: Module, star: ast.ImportFrom, name: str, frame: Frame) -> Value | None:
    origin = _absolute(star, module)
    if origin is None or name.startswith("_"):
        return None
    found = interpreter.project.find(origin, module)
    if found is None:
        return _from_outside(interpreter, origin, name)
    if found is module:
        return None
    return of_module(interpreter, found, name, frame)


def _from_outside(interpreter: Interpreter, origin: str, name: str) -> Value | None:
    """Return what ``import *`` from an outside module binds a name to, if the tables have it."""
    known = canonical(f"{origin}.{name}")
    return External(known) if is_known(known) or interpreter.rules.has_row(known) else None


def bound_value(
    interpreter: Interpreter, binding: Binding, frame: Frame, prefix: str = "", owner: ClassValue | None = None
) -> Value:
    """Return the value of a binding in a module or class.

    Args:
        interpreter: The interpreter.
        binding: The binding.
        frame: The frame of the module or class.
        prefix: The qualified name of the class with a dot, for names of a class.
        owner: The class.
    """
    node = binding.node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        name = prefix + node.name
        if owner is not None and owner.scope is not None:
            return apply_decorators(interpreter, Closure(frame.module, name, node, owner.scope, owner), node, frame)
        return apply_decorators(interpreter, FunctionValue(frame.module, name, node.lineno, owner), node, frame)
    if isinstance(node, ast.ClassDef):
        return apply_decorators(interpreter, ClassValue(frame.module, prefix + node.name), node, frame)
    if isinstance(node, ast.Import):
        return imported(interpreter, binding.name, frame)
    if isinstance(node, ast.ImportFrom):
        return imported_from(interpreter, node, binding.name, frame)
    if binding.kind is BindingKind.ANNOTATION:
        return UNKNOWN if binding.annotation is None else interpreter.evaluate_annotation(binding.annotation, frame)
    if not isinstance(node, ast.expr):
        return UNKNOWN
    if binding.kind is BindingKind.ALIAS or _is_type_alias(binding.annotation):
        return TypeForm(interpreter.evaluate_annotation(node, frame), _class_of(interpreter, node, frame))
    value = interpreter.evaluate(node, frame.detached())
    if binding.kind is BindingKind.ELEMENT:
        value = elements_of(interpreter, value, node, frame.detached())
    elif binding.kind is BindingKind.ENTERED:
        value = enter(interpreter, value, node, frame.detached())
    value = unpacked(interpreter, value, binding.path, node, frame.detached())
    if binding.annotation is None:
        return value
    if isinstance(value, Partial) and value.function == External("<factory>"):
        declared = interpreter.evaluate_annotation(binding.annotation, frame)
        return Partial(value.function, (*value.positional, declared), ())
    if has_unknown_contents(value):
        declared = interpreter.evaluate_annotation(binding.annotation, frame)
        return value if isinstance(declared, Unknown) else declared
    if not isinstance(value, (Unknown, Constant)):
        return value
    declared = interpreter.evaluate_annotation(binding.annotation, frame)
    if isinstance(value, Unknown):
        return declared
    is_constant = isinstance(declared, Unknown) and value != NOTHING  # what is annotated to be None will be set
    if is_constant or is_final(interpreter, binding.annotation, frame):
        return value
    return join(value, declared)


def _is_type_alias(annotation: ast.expr | None) -> bool:
    """Return whether a name is annotated as a type alias, whose value may be a string then."""
    name = annotation.attr if isinstance(annotation, ast.Attribute) else getattr(annotation, "id", "")
    return name == "TypeAlias"


def _class_of(interpreter: Interpreter, node: ast.expr, frame: Frame) -> Value:
    """Return the class that a type alias can be called as; unknown where there is none."""
    value = UNKNOWN if isinstance(node, ast.Constant) else interpreter.evaluate(node, frame.detached())
    return value.origin if isinstance(value, TypeForm) else value


def imported(interpreter: Interpreter, name: str, frame: Frame) -> Value:
    """Return the value of ``import name``."""
    found = interpreter.project.find(name, frame.module)
    if found is not None:
        frame.depend_on(found.bit)
        return ModuleValue(found)
    return External(canonical(name))


def imported_from(interpreter: Interpreter, statement: ast.ImportFrom, name: str, frame: Frame) -> Value:
    """Return the value of ``from module import name``."""
    origin = _absolute(statement, frame.module)
    if origin is None:
        return UNKNOWN
    found = interpreter.project.find(origin, frame.module)
    if found is not None:
        return exported(interpreter, found, name, frame)
    submodule = interpreter.project.find(f"{origin}.{name}", frame.module)
    if submodule is not None:
        return ModuleValue(submodule)
    return External(canonical(f"{origin}.{name}"))


def exported(interpreter: Interpreter, module: Module, name: str, frame: Frame) -> Value:
    """Return an attribute of a module: what it binds, or its submodule."""
    known = canonical(f"{module.name}.{name}")
    if is_known(known):
        return External(known)  # the project is the framework itself
    if interpreter.follows_certainty and interpreter.rules.describes(known):
        return External(known)  # rows of the tables win over the source of a package
    if (module, name) in interpreter.names.being_bound and frame.module is module:
        value = None
    else:
        value = of_module(interpreter, module, name, frame)
    if value is not None:
        return value
    submodule = interpreter.project.find(f"{module.name}.{name}", module)
    if submodule is not None and submodule is not module:
        frame.depend_on(submodule.bit)
        return ModuleValue(submodule)
    return UNKNOWN


def _absolute(statement: ast.ImportFrom, module: Module) -> str | None:
    if not statement.level:
        return statement.module
    package = module.package(statement.level)
    return ".".join(filter(None, (package, statement.module))) or None
