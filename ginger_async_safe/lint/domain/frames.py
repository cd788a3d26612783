"""Frames: the state of one function during its evaluation, and what is found in it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.domain.findings import MAX_OF_LINE, Step, nearest
from ginger_async_safe.lint.domain.fixes import fix_of
from ginger_async_safe.lint.domain.scopes import Result
from ginger_async_safe.lint.domain.values import Constant

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ginger_async_safe._config.patterns import Patterns
    from ginger_async_safe.lint.domain.bases import Single, Value
    from ginger_async_safe.lint.domain.findings import Finding
    from ginger_async_safe.lint.domain.scopes import Scope
    from ginger_async_safe.lint.domain.values import ClassValue
    from ginger_async_safe.lint.source.project import Module

__all__ = ["Exits", "Frame"]

_BLOCKED = "<blocked>"  # no source can bind this name: so branches, loops and handlers join it as they join variables
_YES, _NO = Constant(True), Constant(False)


class _Dependencies:
    """The modules that a frame and its detached frames depend on, as bits."""

    __slots__ = ("modules",)

    def __init__(self, modules: int) -> None:
        self.modules = modules


class Exits(NamedTuple):
    """Where the body of a loop is left before its end.

    Attributes:
        breaks: What names are bound to at each ``break``.
        continues: What they are bound to at each ``continue``.
    """

    breaks: list[dict[str, Value]]
    continues: list[dict[str, Value]]


class Frame:
    """One function during its evaluation.

    Args:
        scope: Its names.
        function: Its dotted name.
        is_async: Whether the event loop runs it, so that blocking calls in it are findings.
        receiver: What it is called on, if it is a method.
        owner: The class that it is defined in.
    """

    __slots__ = (
        "_blocked_at_exits",
        "_dependencies",
        "_fix_override",
        "_is_detached",
        "_of_lines",
        "attributes_ever",
        "attributes_now",
        "closures",
        "events",
        "exits",
        "findings",
        "function",
        "globals",
        "grants",
        "is_async",
        "is_generator",
        "is_read_for_fills",
        "loops",
        "module",
        "owner",
        "receiver",
        "returned",
        "scope",
        "yielded",
    )

    def __init__(
        self,
        scope: Scope,
        function: str,
        *,
        is_async: bool = False,
        receiver: Value | None = None,
        owner: ClassValue | None = None,
    ) -> None:
        self.scope: Scope = scope
        self.module: Module = scope.module
        self.function: str = function
        self.is_async: bool = is_async
        self.receiver: Value | None = receiver
        self.owner: ClassValue | None = owner
        self.events: dict[tuple[str, int, Path, int], Finding] = {}
        self._of_lines: dict[tuple[str, int], int] = {}
        self.findings: set[Finding] = set()
        self._dependencies = _Dependencies(scope.module.bit)
        self.returned: list[Value] = []
        self.yielded: list[Value] = []
        self.is_generator: bool = False
        self.grants: list[Patterns | None] = []
        self.exits: list[Exits] = []
        self.closures: list[Value] = []
        self.attributes_now: dict[str, Value] = {}
        self.attributes_ever: dict[str, list[Value]] = {}
        self.is_read_for_fills: bool = False
        self.globals: set[str] = set()
        self.loops: int = 0
        self._fix_override: Callable[[], str] | None = None
        self._is_detached = False
        self._blocked_at_exits: list[bool] = []

    @property
    def modules(self) -> int:
        """The modules that what is evaluated here depends on, as bits."""
        return self._dependencies.modules

    def depend_on(self, modules: int) -> None:
        """Add modules, as bits, to those that what is evaluated here depends on."""
        self._dependencies.modules |= modules

    @contextmanager
    def fix_override(self, fix: Callable[[], str]) -> Iterator[None]:
        """While the body runs, report this fix; the outermost override wins.

        Args:
            fix: Returns the fix; called when something is reported.
        """
        outer, self._fix_override = self._fix_override, self._fix_override or fix
        try:
            yield
        finally:
            self._fix_override = outer

    def fix_of(self, node: ast.AST) -> str:
        """Return the fix of a node that blocks."""
        return fix_of(node) if self._fix_override is None else self._fix_override()

    def detached(self) -> Frame:
        """Return a frame for code of this function that runs elsewhere or later, such as in a thread.

        What is found in it is merged where it counts; the modules that it depends on always count.
        """
        frame = Frame(self.scope, self.function, receiver=self.receiver, owner=self.owner)
        frame._dependencies = self._dependencies
        frame.loops = self.loops
        frame.attributes_now = self.attributes_now
        frame._fix_override = self._fix_override
        frame._is_detached = True
        return frame

    def follow(self) -> None:
        """Follow from here on whether every way through the function makes a blocking call."""
        self.scope.names[_BLOCKED] = _NO

    def leave(self) -> None:
        """Note that the function is left here, by ``return`` or at its end."""
        state = self.scope.names.get(_BLOCKED)
        if state is not None:
            self._blocked_at_exits.append(state == _YES)

    @property
    def exits_noted(self) -> int:
        """How many exits were noted so far."""
        return len(self._blocked_at_exits)

    def is_certain_since(self, exits: int, *, falls: bool) -> bool:
        """Return whether every way through some statements has made a blocking call.

        Args:
            exits: How many exits were noted before them.
            falls: Whether their end is reached.
        """
        states = self._blocked_at_exits[exits:]
        if falls:
            states = [*states, self.scope.names.get(_BLOCKED) == _YES]
        return bool(states) and all(states)

    def block_exits(self, first: int, end: int) -> None:
        """Note what a ``finally`` does that was executed now: exits that lead through it block for certain if it does.

        Args:
            first: How many exits were noted before its ``try``.
            end: How many were noted before it.
        """
        if self.scope.names.get(_BLOCKED) == _YES:
            self._blocked_at_exits[first:end] = [True] * (end - first)

    def certainty(self) -> Value | None:
        """Return whether every way to this point has made a blocking call; ``None`` where that is not followed."""
        return self.scope.names.get(_BLOCKED)

    def set_certainty(self, state: Value | None) -> None:
        """Set what :meth:`certainty` returned at another point."""
        if state is not None:
            self.scope.names[_BLOCKED] = state

    def over(self, members: Sequence[Single], do: Callable[[Single], Value]) -> list[Value]:
        """Return what a function returns for each of several values, of which the program has one.

        It is certain that a blocking call is made where it is for each of them.
        """
        before = self.certainty()
        if before is None or len(members) < 2:  # noqa: PLR2004 - several
            return [do(member) for member in members]
        values: list[Value] = []
        is_certain = True
        for member in members:
            self.set_certainty(before)
            values.append(do(member))
            is_certain = is_certain and self.certainty() == _YES
        self.set_certainty(_YES if is_certain else before)
        return values

    def merge_findings(self, other: Frame) -> None:
        """Merge findings and closures of another frame, not its blocking calls."""
        self.findings |= other.findings
        self.depend_on(other.modules)
        self.closures += other.closures

    def merge(self, other: Frame) -> None:
        """Merge findings, closures and blocking calls of another frame."""
        self.merge_findings(other)
        for event in other.events.values():
            self.record(event, is_certain=False)

    def step(self, node: ast.expr | ast.stmt, call: str) -> Step:
        """Return the step of a call chain at a node of this function."""
        return Step(self.module.path, node.lineno, node.col_offset + 1, self.function, call)

    def record(self, event: Finding, *, is_certain: bool = True) -> None:
        """Record a blocking call, unless it is granted.

        Args:
            event: The call.
            is_certain: Whether it is made wherever the current expression is evaluated.
        """
        if any(grant is None or grant.match(event.call) or grant.match(event.id) for grant in self.grants):
            return
        if is_certain:
            self.block()
        line = (event.id, event.chain[0].line)
        key = (*line, *event.made_at)
        known = self.events.get(key)
        if known is None:
            count = self._of_lines[line] = self._of_lines.get(line, 0) + 1
            self.events[key] = event
            if count > MAX_OF_LINE:
                self._drop_farthest(line)
        elif len(event.chain) < len(known.chain):
            self.events[key] = replace(event, has_more=True) if known.has_more and not event.has_more else event

    def _drop_farthest(self, line: tuple[str, int]) -> None:
        """Keep the nearest calls of a rule below a line."""
        keys = [key for key in self.events if key[:2] == line]
        kept = nearest(self.events.pop(key) for key in keys)
        self.events |= {(*line, *event.made_at): event for event in kept}
        self._of_lines[line] = len(kept)

    def block(self) -> None:
        """Note that every way to this point has made a blocking call, if that is followed."""
        if not self._is_detached and _BLOCKED in self.scope.names:
            self.scope.names[_BLOCKED] = _YES

    def absorb(self, result: Result, node: ast.expr, call: str) -> None:
        """Merge the result of a function that is called here, with this call in front of its call chains.

        Args:
            result: The result.
            node: Where it is called.
            call: The dotted name of what is called.
        """
        self.findings |= result.findings
        self.depend_on(result.modules)
        if result.is_certain:
            self.block()
        if not result.events:
            return
        fix = self.fix_of(node)
        step = self.step(node, call)
        for event in result.events:
            chain = (step, *event.chain)
            self.record(replace(event, chain=chain, fix=event.fix if event.is_owners else fix), is_certain=False)

    def result(self, value: Value) -> Result:
        """Return the result of the function."""
        if self.is_async:
            return Result(value, (), frozenset(self.findings | set(self.events.values())), self.modules)
        return Result(
            value,
            tuple(self.events.values()),
            frozenset(self.findings),
            self.modules,
            is_certain=_BLOCKED in self.scope.names and all(self._blocked_at_exits),
        )
