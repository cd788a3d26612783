"""Functions: each is evaluated once for the values that it is called with."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, join, join_known, shallow
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Arguments, Result, Scope
from ginger_async_safe.lint.domain.values import NOTHING, Awaitable, Closure, Generator
from ginger_async_safe.lint.interpreter.decorators import grants_of
from ginger_async_safe.lint.interpreter.generalising import generalised
from ginger_async_safe.lint.interpreter.parameters import bind_parameters
from ginger_async_safe.lint.interpreter.results import Evaluation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.values import FunctionValue, Instance
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["attributes_assigned_by", "call_function", "evaluate_function"]


def evaluate_function(
    interpreter: Interpreter,
    function: FunctionValue | Closure,
    arguments: Arguments,
    receiver: Value | None = None,
    *,
    is_entry: bool = False,
) -> Result:
    """Return the result of a function for certain arguments; each is computed once.

    Args:
        interpreter: The interpreter.
        function: The function.
        arguments: The arguments.
        receiver: The object whose method it is, if it is one.
        is_entry: Whether the event loop calls it, with unknown arguments.
    """
    arguments = Arguments(
        tuple(map(shallow, arguments.positional)),
        tuple((name, shallow(value)) for name, value in arguments.named),
        arguments.is_complete and not is_entry,
    )
    receiver = None if receiver is None else shallow(receiver)
    if interpreter.follows_certainty:
        arguments = generalised(arguments)
    evaluation = Evaluation(function, arguments, receiver)
    results, recursion, budget = interpreter.results, interpreter.recursion, interpreter.budget
    known = results.find(evaluation)
    if known is not None:
        return known
    if recursion.meets(evaluation):
        return Result()
    if recursion.is_too_deep or budget.is_spent:
        recursion.cut()
        return Result()
    budget.spend()
    recursion.begin(evaluation)
    try:
        result = _evaluate_body(interpreter, evaluation)
    finally:
        is_provisional = recursion.end()
    if is_provisional:
        results.keep_provisional(evaluation, result)
    else:
        results.keep(evaluation, result)
        if not budget.is_exceeded:
            results.forget_provisional()
    return result


def _evaluate_body(interpreter: Interpreter, evaluation: Evaluation) -> Result:
    function, arguments, receiver = evaluation
    node = interpreter.definition(function)
    if node is None:
        return Result()
    parent = function.scope if isinstance(function, Closure) else None
    frame = Frame(
        Scope(function.module, parent),
        function.name,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        receiver=receiver,
        owner=function.owner,
    )
    if isinstance(node, ast.AsyncFunctionDef):
        frame.grants = grants_of(interpreter, node, frame)
    bind_parameters(interpreter, node.args, arguments, receiver, frame)
    if interpreter.follows_certainty:
        frame.follow()
    if isinstance(node, ast.Lambda):
        value = interpreter.evaluate(node.body, frame)
        frame.leave()
        return frame.result(value)
    falls_through = interpreter.execute(node.body, frame)
    if falls_through and not (interpreter.follows_certainty and _is_abstract(node)):
        frame.leave()
    _evaluate_closures(interpreter, frame)
    if frame.is_generator or frame.yielded:
        return frame.result(join(*frame.yielded) if frame.yielded else UNKNOWN)._replace(is_generator=True)
    if falls_through and frame.returned:
        frame.returned.append(NOTHING)
    value = join(*frame.returned) if frame.returned else NOTHING
    return frame.result(shallow(value))


def _is_abstract(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function stands for those that override it, and is never called itself."""
    names = {each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in node.decorator_list}
    last = node.body[-1]
    return "abstractmethod" in names or (
        isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant) and last.value.value is Ellipsis
    )


def _evaluate_closures(interpreter: Interpreter, frame: Frame) -> None:
    """Evaluate the async functions that a function defines, once all its names are bound."""
    for closure in frame.closures:
        if isinstance(closure, Closure):
            result = evaluate_function(interpreter, closure, Arguments(), is_entry=True)
            frame.findings |= result.findings
            frame.depend_on(result.modules)
    frame.closures = []


def call_function(
    interpreter: Interpreter,
    function: FunctionValue | Closure,
    arguments: Arguments,
    receiver: Value | None,
    frame: Frame,
    node: ast.expr,
) -> Value:
    """Call a function of the project, merge its result into the frame, and return what it returns."""
    result = evaluate_function(interpreter, function, arguments, receiver)
    definition = interpreter.definition(function)
    if result.is_generator:
        is_async = isinstance(definition, ast.AsyncFunctionDef)
        frame.absorb(result._replace(events=(), is_certain=False), node, function.name)
        return Generator(result, result.value, is_async=is_async, name=function.name)
    frame.absorb(result, node, function.name)
    value = result.value
    if isinstance(value, Unknown) and definition is not None and not isinstance(definition, ast.Lambda):
        value = _declared(interpreter, function, definition, receiver, frame)
    return Awaitable(value) if isinstance(definition, ast.AsyncFunctionDef) else value


def _declared(
    interpreter: Interpreter,
    function: FunctionValue | Closure,
    definition: ast.FunctionDef | ast.AsyncFunctionDef,
    receiver: Value | None,
    frame: Frame,
) -> Value:
    """Return what the return annotation of a function stands for."""
    if definition.returns is None:
        return UNKNOWN
    parent = function.scope if isinstance(function, Closure) else None
    inner = Frame(Scope(function.module, parent), function.name, receiver=receiver, owner=function.owner)
    declared = interpreter.evaluate_annotation(definition.returns, inner)
    frame.depend_on(inner.modules)
    return declared


def attributes_assigned_by(
    interpreter: Interpreter,
    function: FunctionValue | Closure,
    arguments: Arguments,
    instance: Instance,
    frame: Frame,
) -> Mapping[str, Value]:
    """Return the attributes that a method assigns to its instance."""
    evaluation = Evaluation(function, arguments, instance)
    return interpreter.classes.assigned_by.of(evaluation, frame, lambda: _find_attributes(interpreter, evaluation))


def _find_attributes(interpreter: Interpreter, evaluation: Evaluation) -> tuple[dict[str, Value], int]:
    function, arguments, receiver = evaluation
    node = interpreter.definition(function)
    recursion, budget = interpreter.recursion, interpreter.budget
    if node is None or isinstance(node, ast.Lambda) or recursion.is_too_deep or budget.is_spent:
        return {}, function.module.bit
    budget.spend()
    parent = function.scope if isinstance(function, Closure) else None
    frame = Frame(Scope(function.module, parent), function.name, receiver=receiver, owner=function.owner)
    bind_parameters(interpreter, node.args, arguments, receiver, frame)
    recursion.begin(("attributes", evaluation))  # this is not the evaluation of its result
    try:
        interpreter.execute(node.body, frame)
    finally:
        recursion.end()
    return {name: join_known(values) for name, values in frame.attributes_ever.items()}, frame.modules
