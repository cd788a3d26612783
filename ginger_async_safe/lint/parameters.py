"""What the parameters of a function are bound to when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.values import TEXT, UNKNOWN, Collection, Literal, TupleValue, Unknown, join

if TYPE_CHECKING:
    import ast

    from ginger_async_safe.lint.frames import Arguments, Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["bind_parameters"]


def bind_parameters(
    machine: Machine, parameters: ast.arguments, arguments: Arguments, receiver: Value | None, frame: Frame
) -> None:
    """Bind the parameters of a function to what it is called with."""
    names = [*parameters.posonlyargs, *parameters.args]
    given = list(arguments.positional)
    if receiver is not None:
        given.insert(0, receiver)
    named = dict(arguments.named)
    defaults = dict(zip((each.arg for each in reversed(names)), reversed(parameters.defaults), strict=False))
    defaults |= {
        each.arg: default
        for each, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
        if default is not None
    }
    for index, parameter in enumerate([*names, *parameters.kwonlyargs]):
        if index < len(names) and index < len(given):
            value: Value | None = given[index]
        else:
            value = named.pop(parameter.arg, None)
        frame.scope.names[parameter.arg] = _parameter(
            machine, parameter, value, defaults.get(parameter.arg), frame, is_complete=arguments.is_complete
        )
    if parameters.vararg is not None:
        rest = tuple(given[len(names) :])
        frame.scope.names[parameters.vararg.arg] = (
            TupleValue(rest) if arguments.is_complete else Collection("tuple", _rest(machine, parameters.vararg, frame))
        )
    if parameters.kwarg is not None:
        values = join(*named.values()) if named and arguments.is_complete else _rest(machine, parameters.kwarg, frame)
        frame.scope.names[parameters.kwarg.arg] = Collection("dict", TEXT, values)


def _rest(machine: Machine, parameter: ast.arg, frame: Frame) -> Value:
    return UNKNOWN if parameter.annotation is None else machine.annotated(parameter.annotation, frame)


def _parameter(
    machine: Machine,
    parameter: ast.arg,
    value: Value | None,
    default: ast.expr | None,
    frame: Frame,
    *,
    is_complete: bool,
) -> Value:
    if value is not None and not isinstance(value, Unknown):
        return value
    declared = UNKNOWN if parameter.annotation is None else machine.annotated(parameter.annotation, frame)
    if default is None or value is not None:
        return declared
    usual = machine.evaluate(default, frame.aside())
    if is_complete:
        return usual
    if isinstance(usual, Literal):
        return declared
    return join(declared, usual)
