"""Calls: the events of calling a value, and what it returns."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, each, join, join_known
from ginger_async_safe.lint.domain.events import block, block_as
from ginger_async_safe.lint.domain.external_calls import Call
from ginger_async_safe.lint.domain.kinds import Decoration
from ginger_async_safe.lint.domain.scopes import Arguments, Result
from ginger_async_safe.lint.domain.values import (
    NOTHING,
    AbstractMethod,
    Awaitable,
    BoundMethod,
    ClassValue,
    Closure,
    Constant,
    Decorated,
    External,
    Fact,
    FunctionValue,
    Generator,
    Instance,
    Partial,
    QuerySet,
    TypeForm,
    with_fact,
)
from ginger_async_safe.lint.interpreter.abstract_calls import call_abstract
from ginger_async_safe.lint.interpreter.attributes import method_of_instance
from ginger_async_safe.lint.interpreter.classes import fields_of, find, order_of
from ginger_async_safe.lint.interpreter.decorators import apply_decorator
from ginger_async_safe.lint.interpreter.functions import call_function
from ginger_async_safe.lint.interpreter.summaries import block_by_package

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Single, Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["call", "call_method"]


def call(
    interpreter: Interpreter,
    function: Value,
    arguments: Arguments,
    frame: Frame,
    node: ast.expr,
    *,
    is_awaited: bool = False,
) -> Value:
    """Call a value, record the events in the frame, and return what it returns.

    Args:
        interpreter: The interpreter.
        function: What is called.
        arguments: Its arguments.
        frame: The frame of the caller.
        node: The expression of the call.
        is_awaited: Whether the result is awaited at once.
    """
    members = [member for member in each(function) if not (isinstance(member, Constant) and member.value is None)]
    if is_awaited:
        return _call_awaited(interpreter, members, arguments, frame, node)
    if len(members) == 1:  # as nearly always
        return _call(interpreter, members[0], arguments, frame, node, is_awaited=False)
    return join_known(
        frame.over(members, lambda member: _call(interpreter, member, arguments, frame, node, is_awaited=is_awaited))
    )


def _call_awaited(
    interpreter: Interpreter, members: list[Single], arguments: Arguments, frame: Frame, node: ast.expr
) -> Value:
    """Call a function whose result is awaited: of several, one that returns no awaitable is not the one that is called."""
    detached_calls = []
    for member in members:
        detached = frame.detached()
        detached.grants = frame.grants
        detached_calls.append((_call(interpreter, member, arguments, detached, node, is_awaited=True), detached))
    meant = [
        (value, detached)
        for value, detached in detached_calls
        if any(isinstance(one, Awaitable) for one in each(value))
    ]
    if not meant:
        meant = [(value, detached) for value, detached in detached_calls if _may_be_awaited(interpreter, value, frame)]
    for value, detached in detached_calls:
        if (value, detached) in meant:
            frame.merge(detached)
        else:
            frame.merge_findings(detached)
    return join_known([value for value, _ in meant])


def _may_be_awaited(interpreter: Interpreter, value: Value, frame: Frame) -> bool:
    return any(
        isinstance(member, Unknown)
        or (isinstance(member, Instance) and method_of_instance(interpreter, member, "__await__", frame) is not None)
        for member in each(value)
    )


def _call(
    interpreter: Interpreter, function: Single, arguments: Arguments, frame: Frame, node: ast.expr, *, is_awaited: bool
) -> Value:
    if isinstance(function, (FunctionValue, Closure)):
        return call_function(interpreter, function, arguments, None, frame, node)
    if isinstance(function, BoundMethod):
        return _call_bound(interpreter, function, arguments, frame, node, is_awaited=is_awaited)
    if isinstance(function, Decorated):
        return _call_decorated(interpreter, function, arguments, frame, node)
    if isinstance(function, AbstractMethod):
        call_abstract(interpreter, function.cls, function.name, arguments, frame, node)
        return call(interpreter, function.declared, arguments, frame, node)
    if isinstance(function, ClassValue):
        return _made(interpreter, function, arguments, frame, node)
    if isinstance(function, External):
        return interpreter.call_external(Call(function.name, None, arguments, frame, node, is_awaited))
    if isinstance(function, Partial):
        return _call_partial(interpreter, function, arguments, frame, node, is_awaited=is_awaited)
    if isinstance(function, TypeForm):
        return _call_type(interpreter, function, arguments, frame, node, is_awaited=is_awaited)
    if isinstance(function, Instance):
        return _call_instance(interpreter, function, arguments, frame, node, is_awaited=is_awaited)
    interpreter.counts.unresolved += 1
    return UNKNOWN


def _call_partial(
    interpreter: Interpreter, function: Partial, arguments: Arguments, frame: Frame, node: ast.expr, *, is_awaited: bool
) -> Value:
    if isinstance(function.function, External) and len(arguments.positional) == 1 and not arguments.named:
        made = apply_decorator(interpreter, function, arguments.positional[0], node, frame)
        if not isinstance(made, Unknown):
            return made
    merged = Arguments(
        (*function.positional, *arguments.positional),
        tuple({**dict(function.named), **dict(arguments.named)}.items()),
        arguments.is_complete,
    )
    return call(interpreter, function.function, merged, frame, node, is_awaited=is_awaited)


def _call_type(
    interpreter: Interpreter,
    function: TypeForm,
    arguments: Arguments,
    frame: Frame,
    node: ast.expr,
    *,
    is_awaited: bool,
) -> Value:
    """Call a generic class with its type arguments, or another alias of a class."""
    made = call(interpreter, function.origin, arguments, frame, node, is_awaited=is_awaited)
    declared = function.stands_for
    if isinstance(made, Instance) and isinstance(declared, Instance) and made.cls == declared.cls:
        return replace(made, parameters=declared.parameters)
    return declared if isinstance(made, Unknown) else made


def _call_instance(
    interpreter: Interpreter,
    function: Instance,
    arguments: Arguments,
    frame: Frame,
    node: ast.expr,
    *,
    is_awaited: bool,
) -> Value:
    method = method_of_instance(interpreter, function, "__call__", frame)
    if method is None:
        interpreter.counts.unresolved += 1
        return UNKNOWN
    return call(interpreter, method, arguments, frame, node, is_awaited=is_awaited)


def _call_bound(
    interpreter: Interpreter,
    method: BoundMethod,
    arguments: Arguments,
    frame: Frame,
    node: ast.expr,
    *,
    is_awaited: bool,
) -> Value:
    function = method.function
    if isinstance(function, (FunctionValue, Closure)):
        return call_function(interpreter, function, arguments, method.receiver, frame, node)
    if isinstance(function, Decorated):
        inner = BoundMethod(function.function, method.receiver)
        return _call_decorated(interpreter, replace(function, function=inner), arguments, frame, node)
    if isinstance(function, External):
        return _call_known_method(interpreter, function, method.receiver, arguments, frame, node, is_awaited=is_awaited)
    given = arguments._replace(positional=(method.receiver, *arguments.positional))
    return call(interpreter, function, given, frame, node, is_awaited=is_awaited)


def _call_known_method(
    interpreter: Interpreter,
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
        return interpreter.orm.call_on_queryset(receiver, name, arguments, node, frame)
    if owner == "<model>" and isinstance(receiver, Instance) and isinstance(node, ast.Call):
        framework = interpreter.orm.framework_of_model(interpreter, receiver.cls, frame)
        return UNKNOWN if framework is None else interpreter.orm.call_on_instance(framework, name, node, frame)
    return interpreter.call_external(Call(function.name, receiver, arguments, frame, node, is_awaited))


def _call_decorated(
    interpreter: Interpreter, function: Decorated, arguments: Arguments, frame: Frame, node: ast.expr
) -> Value:
    if function.kind is Decoration.MARKED:
        return _call_marked(interpreter, function, arguments, frame, node)
    if function.kind is Decoration.GRANTED:
        frame.grants.append(Patterns(function.detail) if function.detail else None)
        try:
            return call(interpreter, function.function, arguments, frame, node)
        finally:
            frame.grants.pop()
    if function.kind is Decoration.IN_THREAD or function.kind is Decoration.ON_LOOP:
        detached = frame.detached()
        result = call(interpreter, function.function, arguments, detached, node)
        frame.merge_findings(detached)
        return Awaitable(result) if function.kind is Decoration.IN_THREAD else UNKNOWN
    if function.kind is Decoration.CLASS_METHOD:
        return call(interpreter, function.function, arguments, frame, node)
    if function.kind is Decoration.ATOMIC:
        interpreter.orm.begin_transaction(function.detail[0], node, frame)
    result = call(interpreter, function.function, arguments, frame, node)
    if function.kind is Decoration.ASYNC_CONTEXT_MANAGER:
        return join(
            *(replace(each_value, is_async=True) for each_value in each(result) if isinstance(each_value, Generator))
        )
    return result


def _call_marked(
    interpreter: Interpreter, function: Decorated, arguments: Arguments, frame: Frame, node: ast.expr
) -> Value:
    name = _name_of(function.function)
    detached = frame.detached()
    result = call(interpreter, function.function, arguments, detached, node)
    use = next(iter(function.detail), "")
    block_as(
        frame,
        node,
        f"marked:{name}",
        name,
        use or frame.fix_of(node),
        "marked with @async_unsafe",
        is_owners=bool(use),
    )
    if isinstance(result, Generator):  # each resumption is a call of the marked function
        return replace(result, result=Result(result.elements))
    return result


def _name_of(function: Value) -> str:
    while isinstance(function, (BoundMethod, Decorated, Partial)):
        function = function.function
    return function.name if isinstance(function, (FunctionValue, Closure, ClassValue, External)) else "<callable>"


def _made(interpreter: Interpreter, cls: ClassValue, arguments: Arguments, frame: Frame, node: ast.expr) -> Value:
    """Make an instance of a class of the project."""
    kind = interpreter.orm.queryset_class_of(interpreter, cls, frame)
    if kind is not None:
        model = arguments.get(0, "model")
        return QuerySet(kind[0], model if isinstance(model, ClassValue) else UNKNOWN, kind[1], classes=(cls,))
    given = _facts_given(interpreter, cls, arguments, frame)
    is_model = interpreter.orm.framework_of_model(interpreter, cls, frame) is not None
    instance = with_fact(Instance(cls, given), Fact.MADE_HERE, holds=is_model)
    constructor = find(interpreter, cls, "__init__", frame)
    if constructor is None or isinstance(constructor[0], External):
        if fields_of(interpreter, cls, frame):
            instance = with_fact(instance, Fact.FRESH)
        _made_by_base(interpreter, cls, frame, node)
        _make_defaults(interpreter, cls, arguments, frame, node)
    else:
        interpreter.call_method(instance, "__init__", arguments, frame, node)
    if find(interpreter, cls, "__post_init__", frame) is not None:
        interpreter.call_method(instance, "__post_init__", Arguments(), frame, node)
    return instance


def _made_by_base(interpreter: Interpreter, cls: ClassValue, frame: Frame, node: ast.expr) -> None:
    for base in order_of(interpreter, cls, frame):
        if isinstance(base, External):
            rule = interpreter.rules.of(base.name)
            if rule is not None:
                block(frame, node, rule)
                return
            summary = interpreter.summary(base.name)
            if summary is not None and summary.chain:
                block_by_package(frame, node, summary)
                return


def _make_defaults(
    interpreter: Interpreter, cls: ClassValue, arguments: Arguments, frame: Frame, node: ast.expr
) -> None:
    """Call the default factories of the fields of a dataclass that are not given."""
    names = fields_of(interpreter, cls, frame)
    given = {*names[: len(arguments.positional)], *(name for name, _ in arguments.named)}
    for name in names:
        found = None if name in given else find(interpreter, cls, name, frame)
        for value in () if found is None else each(found[0]):
            if isinstance(value, Partial) and value.function == External("<factory>"):
                call(interpreter, value.positional[0], Arguments(), frame, node)


def _facts_given(
    interpreter: Interpreter, cls: ClassValue, arguments: Arguments, frame: Frame
) -> tuple[tuple[str, Value], ...]:
    """Return the arguments of a constructor by parameter, those that are worth keeping."""
    names = _parameters(interpreter, cls, frame)
    given = {**dict(zip(names, arguments.positional, strict=False)), **dict(arguments.named)}
    kept: dict[str, Value] = {}
    for name, value in given.items():
        if not isinstance(value, Unknown) and not (isinstance(value, Constant) and not isinstance(value.value, bool)):
            kept[name] = value
        elif _has_default(interpreter, cls, name, frame):
            kept[name] = value if value == NOTHING else UNKNOWN
    return tuple(sorted(kept.items(), key=lambda item: item[0]))


def _has_default(interpreter: Interpreter, cls: ClassValue, name: str, frame: Frame) -> bool:
    """Return whether the field of a class is a constant where it is not given."""
    found = find(interpreter, cls, name, frame)
    return found is not None and any(isinstance(member, Constant) for member in each(found[0]))


def _parameters(interpreter: Interpreter, cls: ClassValue, frame: Frame) -> list[str]:
    constructor = find(interpreter, cls, "__init__", frame)
    if constructor is not None:
        for value in each(constructor[0]):
            function = value.function if isinstance(value, Decorated) else value
            if isinstance(function, (FunctionValue, Closure)):
                node = interpreter.definition(function)
                if node is not None:
                    return [parameter.arg for parameter in (*node.args.posonlyargs, *node.args.args)][1:]
    return fields_of(interpreter, cls, frame)


def call_method(
    interpreter: Interpreter, value: Instance, name: str, arguments: Arguments, frame: Frame, node: ast.expr
) -> Value | None:
    """Call a method of an instance, as operators and statements do; return ``None`` where it has none."""
    method = method_of_instance(interpreter, value, name, frame)
    if method is None or all(isinstance(member, Unknown) for member in each(method)):
        return None
    return call(interpreter, method, arguments, frame, node)
