"""What a function is evaluated with, and what that gives: its scope, its arguments and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.domain.bases import UNKNOWN, join

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.findings import Finding
    from ginger_async_safe.lint.domain.kinds import Limit
    from ginger_async_safe.lint.source.project import Module

__all__ = ["Arguments", "Result", "Scope"]


class Scope:
    """The names of a function, and its enclosing scopes.

    Args:
        module: The module that it is in.
        parent: The enclosing function's scope.
    """

    __slots__ = ("module", "names", "nonlocals", "parent")

    def __init__(self, module: Module, parent: Scope | None = None) -> None:
        self.module: Module = module
        self.parent: Scope | None = parent
        self.names: dict[str, Value] = {}
        self.nonlocals: dict[str, Scope | None] = {}

    def find(self, name: str) -> Value | None:
        """Return the value of a name here or in an enclosing function, or ``None`` where no function binds it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            if scope.nonlocals.get(name, scope) is None:
                return None
            scope = scope.parent
        return None

    def rebind(self, name: str, known: Value, value: Value) -> None:
        """Replace the value of a name, here or in an enclosing function, if it is still a known one."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        if scope is not None and scope.names[name] == known:
            scope.names[name] = value

    def bind(self, name: str, value: Value) -> None:
        """Bind a name."""
        if name not in self.nonlocals:
            self.names[name] = value
            return
        scope = self.nonlocals[name]
        if scope is not None:
            scope.names[name] = join(value, scope.names.get(name, UNKNOWN))


class Arguments(NamedTuple):
    """The arguments of a call.

    Attributes:
        positional: By position.
        named: By name.
        is_complete: Whether these are all; not where some come from an unknown ``*args`` or ``**kwargs``.
    """

    positional: tuple[Value, ...] = ()
    named: tuple[tuple[str, Value], ...] = ()
    is_complete: bool = True

    def get(self, position: int, name: str = "") -> Value | None:
        """Return an argument by its position or name."""
        if 0 <= position < len(self.positional):
            return self.positional[position]
        return next((value for each, value in self.named if each == name), None) if name else None

    def without(self, count: int) -> Arguments:
        """Return the arguments without the first positional ones."""
        return self._replace(positional=self.positional[count:])


class Result(NamedTuple):
    """The result of evaluating a function.

    Attributes:
        value: What it returns.
        events: The blocking calls that it makes, directly or through others; in an async caller they become findings.
        findings: The findings in async functions that it calls or defines, with the arguments that they get here.
        modules: The modules that the result depends on, as bits.
        is_generator: Whether the function is a generator, and the value is what it yields.
        limits: The limits that cut the evaluation short.
        is_certain: Whether every path through it that returns makes a blocking call, as far as that is followed; so it is where
            it always raises.
    """

    value: Value = UNKNOWN
    events: tuple[Finding, ...] = ()
    findings: frozenset[Finding] = frozenset()
    modules: int = 0
    is_generator: bool = False
    limits: frozenset[Limit] = frozenset()
    is_certain: bool = False
