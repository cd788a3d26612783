"""One function while it is read: its names, and what is found in it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.findings import Step
from ginger_async_safe.lint.mends import mend_of
from ginger_async_safe.lint.values import UNKNOWN, join

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator

    from ginger_async_safe._patterns import Patterns
    from ginger_async_safe.lint.findings import Finding
    from ginger_async_safe.lint.modules import Module
    from ginger_async_safe.lint.values import ClassValue, Value

__all__ = ["Arguments", "Frame", "Result", "Scope"]

_LONGEST_CHAIN = 15


class Scope:
    """The names of a function, with those around it.

    Args:
        module: The module that it is in.
        parent: The scope around it, of a function.
    """

    __slots__ = ("module", "names", "nonlocals", "parent")

    def __init__(self, module: Module, parent: Scope | None = None) -> None:
        self.module: Module = module
        self.parent: Scope | None = parent
        self.names: dict[str, Value] = {}
        self.nonlocals: dict[str, Scope | None] = {}

    def find(self, name: str) -> Value | None:
        """Return what a name is bound to here or around, or ``None`` where it is none of a function's names."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            if scope.nonlocals.get(name, scope) is None:
                return None
            scope = scope.parent
        return None

    def rebind(self, name: str, known: Value, value: Value) -> None:
        """Bind a name to what is known now of the value that it is bound to, here or around."""
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
    """What a call gives.

    Attributes:
        positional: By position.
        named: By name.
        is_complete: Whether that is all of it, and nothing is given by stars that cannot be told.
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
        """Return all but the first arguments."""
        return self._replace(positional=self.positional[count:])


class Result(NamedTuple):
    """What reading a function gave.

    Attributes:
        value: What it returns.
        events: The blocking calls that it makes, which its caller makes with it.
        findings: What async functions below it do, with the arguments that they get here.
        modules: The modules that were looked into, as bits.
        is_generator: Whether the value is what it gives one by one.
    """

    value: Value = UNKNOWN
    events: tuple[Finding, ...] = ()
    findings: frozenset[Finding] = frozenset()
    modules: int = 0
    is_generator: bool = False


class Frame:
    """One function while it is read.

    Args:
        scope: Its names.
        function: Its dotted name.
        is_async: Whether a loop runs it, so that what blocks in it is a finding.
        receiver: What it is called on, if it is a method.
        owner: The class that it is defined in.
    """

    def __init__(
        self,
        scope: Scope,
        function: str,
        *,
        is_async: bool = False,
        receiver: Value | None = None,
        owner: ClassValue | None = None,
    ) -> None:
        self.scope = scope
        self.module: Module = scope.module
        self.function = function
        self.is_async = is_async
        self.receiver = receiver
        self.owner = owner
        self.events: dict[tuple[str, int], Finding] = {}
        self.findings: set[Finding] = set()
        self.modules: int = scope.module.bit
        self.returned: list[Value] = []
        self.yielded: list[Value] = []
        self.is_generator = False
        self.grants: list[Patterns | None] = []
        self.exits: list[list[dict[str, Value]]] = []
        self.closures: list[Value] = []
        self.stores: dict[str, Value] = {}
        self.stored: dict[str, list[Value]] = {}
        self.loops = 0
        self._instead: Callable[[], str] | None = None

    @contextmanager
    def told(self, mend: Callable[[], str]) -> Iterator[None]:
        """Read something whose mend its own source does not say: of what is read inside, the outermost one is told.

        Args:
            mend: Returns it, if it is asked for.
        """
        outer, self._instead = self._instead, self._instead or mend
        try:
            yield
        finally:
            self._instead = outer

    def mend_of(self, node: ast.AST) -> str:
        """Return what to write instead of a node that blocks."""
        return mend_of(node) if self._instead is None else self._instead()

    def aside(self) -> Frame:
        """Return a frame for code of the same function that runs somewhere else, or later."""
        frame = Frame(self.scope, self.function, receiver=self.receiver, owner=self.owner)
        frame.loops = self.loops
        frame.stores = self.stores
        frame._instead = self._instead
        return frame

    def take_in(self, other: Frame) -> None:
        """Take what was found in another frame, but for what blocks there."""
        self.findings |= other.findings
        self.modules |= other.modules
        self.closures += other.closures

    def take_all(self, other: Frame) -> None:
        """Take what was found in another frame, and what blocks there."""
        self.take_in(other)
        for event in other.events.values():
            self.record(event)

    def step(self, node: ast.expr, call: str) -> Step:
        """Return a step at a node of this function."""
        return Step(self.module.path, node.lineno, node.col_offset + 1, self.function, call)

    def record(self, event: Finding) -> None:
        """Note a blocking call that is made here, unless it is granted."""
        if any(grant is None or grant.match(event.call) or grant.match(event.id) for grant in self.grants):
            return
        key = (event.id, event.chain[0].line)
        known = self.events.get(key)
        if known is None or len(event.chain) < len(known.chain):
            self.events[key] = event

    def absorb(self, result: Result, node: ast.expr, call: str) -> None:
        """Take the result of something that is called here.

        Args:
            result: The result.
            node: Where it is called.
            call: The dotted name of what is called.
        """
        self.findings |= result.findings
        self.modules |= result.modules
        if not result.events:
            return
        mend = self.mend_of(node)
        for event in result.events:
            if len(event.chain) < _LONGEST_CHAIN:
                self.record(
                    replace(
                        event, chain=(self.step(node, call), *event.chain), mend=event.mend if event.is_owners else mend
                    )
                )

    def result(self, value: Value) -> Result:
        """Return what was found in all."""
        if self.is_async:
            return Result(value, (), frozenset(self.findings | set(self.events.values())), self.modules)
        return Result(value, tuple(self.events.values()), frozenset(self.findings), self.modules)
