"""Functions: each is evaluated once for the values that it is called with."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, join, join_known, shallow
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.kinds import Limit
from ginger_async_safe.lint.domain.scopes import Arguments, Result, Scope
from ginger_async_safe.lint.domain.values import NOTHING, Awaitable, Closure, Generator
from ginger_async_safe.lint.interpreter.decorators import grants_of
from ginger_async_safe.lint.interpreter.generalising import generalised
from ginger_async_safe.lint.interpreter.parameters import bind_parameters, bind_type_parameters
from ginger_async_safe.lint.interpreter.recursion import Evaluation
from ginger_async_safe.lint.source.stubs import is_abstract, is_stub

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.values import FunctionValue, Instance
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

_NO_LIMITS: frozenset[Limit] = frozenset()

__all__ = [
    "attribute_assigned_by",
    "call_function",
    "evaluate_anew",
    "evaluate_function",
    "is_shown",
    "put_in_by",
]


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
        result, depths = known
        recursion.depend_on(depths)
        recursion.limits |= result.limits
        return result
    if recursion.meets(evaluation):
        return Result()
    if _is_cut(interpreter):
        return Result()
    budget.spend()
    around, recursion.limits = recursion.limits, _NO_LIMITS
    recursion.begin(evaluation)
    try:
        result = _evaluate_body(interpreter, evaluation)
        if recursion.limits:
            result = result._replace(limits=recursion.limits)
    finally:
        recursion.limits |= around
        recursion.forgets = not budget.is_exceeded
        depths = recursion.end(evaluation)
    if depths:
        results.keep_provisional(evaluation, result, depths)
    else:
        results.keep(evaluation, result)
    return result


def evaluate_anew(interpreter: Interpreter, function: FunctionValue, receiver: Value | None) -> int:
    """Evaluate a function for unknown arguments, also where its result is known, and return the modules it depends on."""
    evaluation = Evaluation(function, Arguments(is_complete=False), receiver)
    recursion = interpreter.recursion
    if _is_cut(interpreter):
        return function.module.bit
    interpreter.budget.spend()
    recursion.begin(evaluation, "anew")
    try:
        return _evaluate_body(interpreter, evaluation).modules
    finally:
        recursion.end(evaluation)


def _is_cut(interpreter: Interpreter) -> bool:
    """Return whether a limit does not allow another evaluation, and note that."""
    if interpreter.recursion.is_too_deep:
        interpreter.recursion.cut(Limit.DEPTH)
    elif interpreter.budget.is_spent:
        interpreter.recursion.cut(Limit.CALLS)
    else:
        return False
    return True


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
    bind_type_parameters(interpreter, node, frame)
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
    """Return whether a function is abstract: those that override it are called."""
    last = node.body[-1]
    return is_abstract(node, in_protocol=False) or (
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
    if function in interpreter.imports.cached and arguments == Arguments():
        result = result._replace(events=(), is_certain=False)
    definition = interpreter.definition(function)
    if result.is_generator:
        is_async = isinstance(definition, ast.AsyncFunctionDef)
        frame.absorb(result._replace(events=(), is_certain=False), node, function.name)
        return Generator(result, result.value, is_async=is_async, name=function.name)
    frame.absorb(result, node, function.name)
    value = result.value
    if definition is not None and not isinstance(definition, ast.Lambda) and _shows_nothing(value, definition):
        value = _declared(interpreter, function, definition, receiver, frame)
    return Awaitable(value) if isinstance(definition, ast.AsyncFunctionDef) else value


def _shows_nothing(value: Value, definition: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether evaluating a function does not show what it returns, so that its annotation has to."""
    return isinstance(value, Unknown) or (value == NOTHING and is_stub(definition))


def _declared(
    interpreter: Interpreter,
    function: FunctionValue | Closure,
    definition: ast.FunctionDef | ast.AsyncFunctionDef,
    receiver: Value | None,
    frame: Frame,
) -> Value:
    """Return the values that the return annotation of a function describes."""
    if definition.returns is None:
        return UNKNOWN
    parent = function.scope if isinstance(function, Closure) else None
    inner = Frame(Scope(function.module, parent), function.name, receiver=receiver, owner=function.owner)
    declared = interpreter.evaluate_annotation(definition.returns, inner)
    frame.depend_on(inner.modules)
    return declared


def attribute_assigned_by(
    interpreter: Interpreter,
    function: FunctionValue | Closure,
    arguments: Arguments,
    instance: Instance,
    name: str,
    frame: Frame,
) -> Value | None:
    """Return what a method assigns to an attribute of its instance, or ``None`` where it assigns nothing to it."""
    evaluation = Evaluation(function, arguments, instance)
    assigned = interpreter.classes.assigned_by.of(
        evaluation,
        frame,
        _find_attributes,
        interpreter,
        evaluation,
        is_enough=lambda so_far: is_shown(so_far.get(name)),
    )
    return assigned.get(name)


def put_in_by(
    interpreter: Interpreter, function: FunctionValue | Closure, receiver: Value | None, frame: Frame
) -> Mapping[str, Value]:
    """Return what a function puts into containers that it did not make, by their names with ``[]``."""
    evaluation = Evaluation(function, Arguments(is_complete=False), receiver)
    return interpreter.classes.assigned_by.of(evaluation, frame, _find_attributes, interpreter, evaluation)


def is_shown(value: Value | None) -> bool:
    """Return whether what was assigned so far shows a value, so that further assignments are not needed."""
    return value is not None and not isinstance(value, Unknown)


def _find_attributes(interpreter: Interpreter, evaluation: Evaluation) -> tuple[dict[str, Value], int]:
    function, arguments, receiver = evaluation
    node = interpreter.definition(function)
    recursion = interpreter.recursion
    if node is None or isinstance(node, ast.Lambda) or _is_cut(interpreter):
        return {}, function.module.bit
    interpreter.budget.spend()
    parent = function.scope if isinstance(function, Closure) else None
    frame = Frame(Scope(function.module, parent), function.name, receiver=receiver, owner=function.owner)
    frame.is_read_for_fills = True
    bind_parameters(interpreter, node.args, arguments, receiver, frame)
    recursion.begin(evaluation, "attributes")  # this is not the evaluation of its result
    interpreter.classes.assigning[evaluation] = frame
    try:
        interpreter.execute(node.body, frame)
    finally:
        del interpreter.classes.assigning[evaluation]
        recursion.end(evaluation)
    return {name: join_known(values) for name, values in frame.attributes_ever.items()}, frame.modules
