"""How the parts of a program are read: the functions that the machine is given, which are given the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from ginger_async_safe._patterns import Patterns
    from ginger_async_safe.lint.frames import Frame
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import ClassValue, External, Value

    Evaluate: TypeAlias = Callable[[Machine, ast.expr, Frame], Value]
    Execute: TypeAlias = Callable[[Machine, Sequence[ast.stmt], Frame], bool]
    Annotated: TypeAlias = Callable[[Machine, ast.expr, Frame], Value]
    CallValue: TypeAlias = Callable[..., Value]
    CallMethod: TypeAlias = Callable[..., Value | None]
    OrderOf: TypeAlias = Callable[[Machine, ClassValue, Frame], tuple[ClassValue | External, ...]]
    GrantsOf: TypeAlias = Callable[[Machine, ast.AsyncFunctionDef, Frame], list[Patterns | None]]
    Attribute: TypeAlias = Callable[[Machine, Value, str, ast.expr, Frame], Value]

__all__ = ["Readers"]


class Readers(NamedTuple):
    """How the parts of a program are read.

    Attributes:
        evaluate: Reads an expression.
        execute: Reads statements, and tells whether what follows them is reached.
        annotated: Reads an annotation.
        call: Reads a call.
        call_method: Reads a call of a method, as operators and statements make it.
        attribute: Reads an attribute.
        order_of: Reads the order of a class and its bases.
        grants_of: Reads what the decorators of a function grant.
    """

    evaluate: Evaluate
    execute: Execute
    annotated: Annotated
    call: CallValue
    call_method: CallMethod
    attribute: Attribute
    order_of: OrderOf
    grants_of: GrantsOf
