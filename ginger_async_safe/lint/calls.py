"""What calling a value does, and returns."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe._patterns import Patterns
from ginger_async_safe.lint import orm
from ginger_async_safe.lint.attributes import method_of_instance
from ginger_async_safe.lint.blocking import block, block_as
from ginger_async_safe.lint.classes import fields_of, find, order_of
from ginger_async_safe.lint.decorating import wrapped_by
from ginger_async_safe.lint.frames import Arguments, Result
from ginger_async_safe.lint.models import framework_of_model, queryset_class_of
from ginger_async_safe.lint.outside import called
from ginger_async_safe.lint.outside.call import Call
from ginger_async_safe.lint.values import (
    NOTHING,
    UNKNOWN,
    Awaitable,
    BoundMethod,
    ClassValue,
    Closure,
    External,
    FunctionValue,
    Generator,
    Instance,
    Literal,
    Partial,
    QuerySet,
    Unknown,
    Wrapped,
    each,
    join,
    join_known,
)

if TYPE_CHECKING:
    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Single, Value

__all__ = ["call", "call_method"]


def call(
    machine: Machine, function: Value, arguments: Arguments, frame: Frame, node: ast.expr, *, is_awaited: bool = False
) -> Value:
    """Call a value, note what that does, and return what it returns.

    Args:
        machine: The machine.
        function: What is called.
        arguments: What it is given.
        frame: The function that calls it.
        node: Where.
        is_awaited: Whether the result is awaited at once.
    """
    members = [member for member in each(function) if member != NOTHING]
    if is_awaited:
        return _call_awaited(machine, members, arguments, frame, node)
    return join_known([_call(machine, member, arguments, frame, node, is_awaited=is_awaited) for member in members])


def _call_awaited(machine: Machine, members: list[Single], arguments: Arguments, frame: Frame, node: ast.expr) -> Value:
    """Call what is awaited: what gives nothing that can be awaited is not meant, and fails where it is."""
    called_aside = []
    for member in members:
        aside = frame.aside()
        aside.grants = frame.grants
        called_aside.append((_call(machine, member, arguments, aside, node, is_awaited=True), aside))
    meant = [(value, aside) for value, aside in called_aside if any(isinstance(one, Awaitable) for one in each(value))]
    if not meant:
        meant = [(value, aside) for value, aside in called_aside if _may_be_awaited(machine, value, frame)]
    for value, aside in called_aside:
        if (value, aside) in meant:
            frame.take_all(aside)
        else:
            frame.take_in(aside)
    return join_known([value for value, _ in meant])


def _may_be_awaited(machine: Machine, value: Value, frame: Frame) -> bool:
    return any(
        isinstance(member, Unknown)
        or (isinstance(member, Instance) and method_of_instance(machine, member, "__await__", frame) is not None)
        for member in each(value)
    )


def _call(
    machine: Machine, function: Single, arguments: Arguments, frame: Frame, node: ast.expr, *, is_awaited: bool
) -> Value:
    if isinstance(function, (FunctionValue, Closure)):
        return machine.call_function(function, arguments, None, frame, node)
    if isinstance(function, BoundMethod):
        return _call_bound(machine, function, arguments, frame, node, is_awaited=is_awaited)
    if isinstance(function, Wrapped):
        return _call_wrapped(machine, function, arguments, frame, node)
    if isinstance(function, ClassValue):
        return _made(machine, function, arguments, frame, node)
    if isinstance(function, External):
        return called(machine, Call(function.name, None, arguments, frame, node, is_awaited))
    if isinstance(function, Partial):
        return _call_partial(machine, function, arguments, frame, node, is_awaited=is_awaited)
    if isinstance(function, Instance):
        return _call_instance(machine, function, arguments, frame, node, is_awaited=is_awaited)
    machine.unresolved += 1
    return UNKNOWN


def _call_partial(
    machine: Machine, function: Partial, arguments: Arguments, frame: Frame, node: ast.expr, *, is_awaited: bool
) -> Value:
    if isinstance(function.function, External) and len(arguments.positional) == 1 and not arguments.named:
        made = wrapped_by(machine, function, arguments.positional[0], node, frame)
        if not isinstance(made, Unknown):
            return made
    merged = Arguments(
        (*function.positional, *arguments.positional),
        tuple({**dict(function.named), **dict(arguments.named)}.items()),
        arguments.is_complete,
    )
    return call(machine, function.function, merged, frame, node, is_awaited=is_awaited)


def _call_instance(
    machine: Machine, function: Instance, arguments: Arguments, frame: Frame, node: ast.expr, *, is_awaited: bool
) -> Value:
    method = method_of_instance(machine, function, "__call__", frame)
    if method is None:
        machine.unresolved += 1
        return UNKNOWN
    return call(machine, method, arguments, frame, node, is_awaited=is_awaited)


def _call_bound(
    machine: Machine, method: BoundMethod, arguments: Arguments, frame: Frame, node: ast.expr, *, is_awaited: bool
) -> Value:
    function = method.function
    if isinstance(function, (FunctionValue, Closure)):
        return machine.call_function(function, arguments, method.receiver, frame, node)
    if isinstance(function, Wrapped):
        inner = BoundMethod(function.function, method.receiver)
        return _call_wrapped(machine, replace(function, function=inner), arguments, frame, node)
    if isinstance(function, External):
        return _call_known_method(machine, function, method.receiver, arguments, frame, node, is_awaited=is_awaited)
    given = arguments._replace(positional=(method.receiver, *arguments.positional))
    return call(machine, function, given, frame, node, is_awaited=is_awaited)


def _call_known_method(
    machine: Machine,
    function: External,
    receiver: Value,
    arguments: Arguments,
    frame: Frame,
    node: ast.expr,
    *,
    is_awaited: bool,
) -> Value:
    owner, _, name = function.name.rpartition(".")
    if owner == "<queryset>" and isinstance(receiver, QuerySet) and isinstance(node, ast.Call):
        return orm.called_on_queryset(receiver, name, arguments, node, frame)
    if owner == "<model>" and isinstance(receiver, Instance) and isinstance(node, ast.Call):
        framework = framework_of_model(machine, receiver.cls, frame)
        return UNKNOWN if framework is None else orm.called_on_instance(framework, name, node, frame)
    return called(machine, Call(function.name, receiver, arguments, frame, node, is_awaited))


def _call_wrapped(machine: Machine, function: Wrapped, arguments: Arguments, frame: Frame, node: ast.expr) -> Value:
    if function.kind == "marked":
        return _call_marked(machine, function, arguments, frame, node)
    if function.kind == "granted":
        frame.grants.append(Patterns(function.detail) if function.detail else None)
        try:
            return call(machine, function.function, arguments, frame, node)
        finally:
            frame.grants.pop()
    if function.kind in {"in_thread", "on_loop"}:
        aside = frame.aside()
        result = call(machine, function.function, arguments, aside, node)
        frame.take_in(aside)
        return Awaitable(result) if function.kind == "in_thread" else UNKNOWN
    if function.kind == "class":
        return call(machine, function.function, arguments, frame, node)
    if function.kind == "atomic":
        orm.began_transaction(function.detail[0], node, frame)
    result = call(machine, function.function, arguments, frame, node)
    if function.kind == "async_manager":
        return join(
            *(replace(each_value, is_async=True) for each_value in each(result) if isinstance(each_value, Generator))
        )
    return result


def _call_marked(machine: Machine, function: Wrapped, arguments: Arguments, frame: Frame, node: ast.expr) -> Value:
    name = _name_of(function.function)
    aside = frame.aside()
    result = call(machine, function.function, arguments, aside, node)
    use = next(iter(function.detail), "")
    block_as(
        frame,
        node,
        f"marked:{name}",
        name,
        use or frame.mend_of(node),
        "marked with @async_unsafe",
        is_owners=bool(use),
    )
    if isinstance(result, Generator):  # each resumption is checked by itself, and is of the same call
        return replace(result, result=Result(result.elements))
    return result


def _name_of(function: Value) -> str:
    while isinstance(function, (BoundMethod, Wrapped, Partial)):
        function = function.function
    return function.name if isinstance(function, (FunctionValue, Closure, ClassValue, External)) else "<callable>"


def _made(machine: Machine, cls: ClassValue, arguments: Arguments, frame: Frame, node: ast.expr) -> Value:
    """Make an instance of a class that is read."""
    kind = queryset_class_of(machine, cls, frame)
    if kind is not None:
        model = arguments.get(0, "model")
        return QuerySet(kind[0], model if isinstance(model, ClassValue) else UNKNOWN, kind[1], classes=(cls,))
    given = _told(machine, cls, arguments, frame)
    if framework_of_model(machine, cls, frame) is not None:
        given = (*given, ("<made>", UNKNOWN))
    instance = Instance(cls, given)
    constructor = find(machine, cls, "__init__", frame)
    if constructor is None or isinstance(constructor[0], External):
        _made_by_base(machine, cls, frame, node)
        _make_defaults(machine, cls, arguments, frame, node)
    else:
        machine.call_method(instance, "__init__", arguments, frame, node)
    if find(machine, cls, "__post_init__", frame) is not None:
        machine.call_method(instance, "__post_init__", Arguments(), frame, node)
    return instance


def _made_by_base(machine: Machine, cls: ClassValue, frame: Frame, node: ast.expr) -> None:
    for base in order_of(machine, cls, frame):
        if isinstance(base, External):
            rule = machine.rules.of(base.name)
            if rule is not None:
                block(frame, node, rule)
                return


def _make_defaults(machine: Machine, cls: ClassValue, arguments: Arguments, frame: Frame, node: ast.expr) -> None:
    """Call the factories of the fields of a dataclass that are not given."""
    names = fields_of(machine, cls, frame)
    given = {*names[: len(arguments.positional)], *(name for name, _ in arguments.named)}
    for name in names:
        found = None if name in given else find(machine, cls, name, frame)
        for value in () if found is None else each(found[0]):
            if isinstance(value, Partial) and value.function == External("<factory>"):
                call(machine, value.positional[0], Arguments(), frame, node)


def _told(machine: Machine, cls: ClassValue, arguments: Arguments, frame: Frame) -> tuple[tuple[str, Value], ...]:
    """Return what a constructor is given, by parameter, as far as it tells anything."""
    names = _parameters(machine, cls, frame)
    given = {**dict(zip(names, arguments.positional, strict=False)), **dict(arguments.named)}
    return tuple(
        sorted(
            (
                (name, value)
                for name, value in given.items()
                if not isinstance(value, Unknown)
                and not (isinstance(value, Literal) and not isinstance(value.value, bool))
            ),
            key=lambda item: item[0],
        )
    )


def _parameters(machine: Machine, cls: ClassValue, frame: Frame) -> list[str]:
    constructor = find(machine, cls, "__init__", frame)
    if constructor is not None:
        for value in each(constructor[0]):
            function = value.function if isinstance(value, Wrapped) else value
            if isinstance(function, (FunctionValue, Closure)):
                node = machine.definition(function)
                if node is not None:
                    return [parameter.arg for parameter in (*node.args.posonlyargs, *node.args.args)][1:]
    return fields_of(machine, cls, frame)


def call_method(
    machine: Machine, value: Instance, name: str, arguments: Arguments, frame: Frame, node: ast.expr
) -> Value | None:
    """Call a method of an instance, as an operator or statement does, or return ``None`` where it has none."""
    method = method_of_instance(machine, value, name, frame)
    if method is None or all(isinstance(member, Unknown) for member in each(method)):
        return None
    return call(machine, method, arguments, frame, node)
