"""Parameters: binding them to the arguments of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown, join
from ginger_async_safe.lint.domain.values import TEXT, Collection, Constant, TupleValue, TypeForm
from ginger_async_safe.lint.interpreter.dependencies import handed_in

if TYPE_CHECKING:
    import ast

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.domain.scopes import Arguments
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter

__all__ = ["bind_parameters", "bind_type_parameters"]


def bind_type_parameters(interpreter: Interpreter, node: ast.AST, frame: Frame) -> None:
    """Bind the type parameters of a function or class (PEP 695) to type variables."""
    for parameter in getattr(node, "type_params", ()):
        bound = getattr(parameter, "bound", None)
        stands_for = UNKNOWN if bound is None else interpreter.evaluate_annotation(bound, frame)
        frame.scope.names[parameter.name] = TypeForm(stands_for, variable=parameter.name)


def bind_parameters(
    interpreter: Interpreter, parameters: ast.arguments, arguments: Arguments, receiver: Value | None, frame: Frame
) -> None:
    """Bind the parameters of a function to the arguments of a call."""
    names = [*parameters.posonlyargs, *parameters.args]
    defaults = [*([None] * (len(names) - len(parameters.defaults))), *parameters.defaults, *parameters.kw_defaults]
    given = arguments.positional if receiver is None else (receiver, *arguments.positional)
    named = dict(arguments.named)
    by_position = min(len(given), len(names))
    for index, parameter in enumerate([*names, *parameters.kwonlyargs]):
        value = given[index] if index < by_position else named.pop(parameter.arg, None)
        if value is None or isinstance(value, Unknown):
            value = _not_given(interpreter, parameter, value, defaults[index], frame, is_complete=arguments.is_complete)
        frame.scope.names[parameter.arg] = value
    if parameters.vararg is not None:
        rest = given[len(names) :]
        frame.scope.names[parameters.vararg.arg] = (
            TupleValue(rest)
            if arguments.is_complete
            else Collection("tuple", _rest(interpreter, parameters.vararg, frame))
        )
    if parameters.kwarg is not None:
        values = (
            join(*named.values()) if named and arguments.is_complete else _rest(interpreter, parameters.kwarg, frame)
        )
        frame.scope.names[parameters.kwarg.arg] = Collection("dict", TEXT, values)


def _rest(interpreter: Interpreter, parameter: ast.arg, frame: Frame) -> Value:
    return UNKNOWN if parameter.annotation is None else interpreter.evaluate_annotation(parameter.annotation, frame)


def _not_given(
    interpreter: Interpreter,
    parameter: ast.arg,
    value: Value | None,
    default: ast.expr | None,
    frame: Frame,
    *,
    is_complete: bool,
) -> Value:
    """Return the value of a parameter whose argument is missing or unknown."""
    declared = UNKNOWN if parameter.annotation is None else interpreter.evaluate_annotation(parameter.annotation, frame)
    if default is None or value is not None:
        return declared
    usual = interpreter.evaluate(default, frame.detached())
    given = handed_in(interpreter, usual, declared, default, frame)
    if given is not None:
        return given
    if is_complete:
        return usual
    if isinstance(usual, Constant):
        return declared
    return join(declared, usual)
