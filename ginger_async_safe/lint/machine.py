"""The machine that reads functions: each once for the values that it is called with.

How expressions, statements and calls are read is in the modules beside this one; each is given the machine.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from ginger_async_safe._patterns import Patterns
from ginger_async_safe.lint.frames import Arguments, Frame, Result, Scope
from ginger_async_safe.lint.knowledge import known_bases
from ginger_async_safe.lint.parameters import bind_parameters
from ginger_async_safe.lint.values import (
    NOTHING,
    UNKNOWN,
    Awaitable,
    ClassValue,
    Closure,
    External,
    Generator,
    Unknown,
    Wrapped,
    join,
    join_known,
    shallow,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from ginger_async_safe.lint.knowledge import RuleTable
    from ginger_async_safe.lint.models import Relation
    from ginger_async_safe.lint.modules import Module, Project
    from ginger_async_safe.lint.readers import Readers
    from ginger_async_safe.lint.registries import Held
    from ginger_async_safe.lint.settings import MarkedPattern
    from ginger_async_safe.lint.values import (
        FunctionValue,
        Instance,
        Value,
    )

    Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

__all__ = ["Machine"]

_DEEPEST = 45  # functions that call one another
_MOST_READ = 1_500  # functions read for one that is asked for
_MOST_OF_MODULE = 15_000  # for all of one module: those that come after are read for less, so that it has an end
_FEWEST = 25


class Machine:
    """Reads functions.

    Args:
        project: The modules.
        rules: The rules that are in force.
        marked: The functions that the project's settings mark, with their mends.
        readers: How the parts of a program are read.
    """

    def __init__(self, project: Project, rules: RuleTable, marked: Sequence[MarkedPattern], readers: Readers) -> None:
        self.project = project
        self.rules = rules
        self._marked = [(Patterns(each.pattern), each.mend) for each in marked]
        self._readers = readers
        self._read: dict[tuple[object, ...], Result] = {}
        self._provisional: dict[tuple[object, ...], Result] = {}
        self._active: dict[tuple[object, ...], int] = {}
        self._shallowest: int = sys.maxsize
        self._asked = self._left = _MOST_READ
        self._left_of_module = _MOST_OF_MODULE
        self._is_too_much = False
        self.globals: dict[tuple[Module, str], tuple[Value | None, int]] = {}
        self.in_progress: dict[tuple[object, ...], int] = {}
        self.orders: dict[ClassValue, tuple[tuple[ClassValue | External, ...], int]] = {}
        self.members: dict[tuple[ClassValue, str], tuple[Value | None, int]] = {}
        self.stored: dict[tuple[Instance, str], tuple[Value | None, int]] = {}
        self.storing: dict[ClassValue, dict[str, list[FunctionValue | Closure]]] = {}
        self.relations: dict[ClassValue, dict[str, Relation]] | None = None
        self._stores: dict[tuple[object, ...], tuple[dict[str, Value], int]] = {}
        self.classes: dict[str, list[Module]] = {}
        self.related: list[tuple[Module, str]] = []
        self.guarded: dict[tuple[str, str], str] = {}
        self.holding: set[Module] = set()
        self.held: dict[str, list[Value]] = {}
        self.held_names: set[str] = set()
        self.fields: dict[ClassValue, list[str]] = {}
        self.frameworks: dict[tuple[ClassValue, str], str | None] = {}
        self.registers = False
        self.registered: list[Held] = []
        self.calls: int = 0
        self.unresolved: int = 0

    def evaluate(self, node: ast.expr, frame: Frame) -> Value:
        """Return what an expression may be, and note in the frame what it does."""
        return self._readers.evaluate(self, node, frame)

    def execute(self, body: Sequence[ast.stmt], frame: Frame) -> bool:
        """Read statements, and tell whether what follows them is reached."""
        return self._readers.execute(self, body, frame)

    def annotated(self, node: ast.expr, frame: Frame) -> Value:
        """Return what something may be that has an annotation."""
        return self._readers.annotated(self, node, frame)

    def call(
        self, function: Value, arguments: Arguments, frame: Frame, node: ast.expr, *, is_awaited: bool = False
    ) -> Value:
        """Call a value, note in the frame what that does, and return what it returns."""
        return self._readers.call(self, function, arguments, frame, node, is_awaited=is_awaited)

    def call_method(
        self, value: Instance, name: str, arguments: Arguments, frame: Frame, node: ast.expr
    ) -> Value | None:
        """Call a method, as an operator or statement does, or return ``None`` where there is none."""
        return self._readers.call_method(self, value, name, arguments, frame, node)

    def attribute(self, value: Value, name: str, node: ast.expr, frame: Frame) -> Value:
        """Return what a value has by a name."""
        return self._readers.attribute(self, value, name, node, frame)

    def begin(self, most: int = _MOST_READ) -> None:
        """Begin with another function that is asked for.

        Args:
            most: How many functions may be read for it.
        """
        self._left_of_module -= self._asked - self._left
        self._asked = self._left = max(min(most, self._left_of_module), _FEWEST)

    def begin_module(self) -> None:
        """Begin with another module; what was too much to be read for the last one is forgotten."""
        self._asked = self._left
        self._left_of_module = _MOST_OF_MODULE
        self._is_too_much = False
        self._provisional.clear()

    def begin_judging(self) -> None:
        """Forget what was read before all was known that is registered."""
        if self.held:
            self._read.clear()
            self._stores.clear()
            self.stored.clear()
        self.calls = self.unresolved = 0

    def definition(self, function: FunctionValue | Closure) -> Function | None:
        """Return the definition of a function."""
        if isinstance(function, Closure):
            return function.node
        node = self.project.definition(function.module, function.qualname, function.line)
        return node if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None

    def read(
        self,
        function: FunctionValue | Closure,
        arguments: Arguments,
        receiver: Value | None = None,
        *,
        is_entry: bool = False,
    ) -> Result:
        """Read the body of a function that is called with certain values.

        Args:
            function: The function.
            arguments: The values.
            receiver: What it is called on, if it is a method.
            is_entry: Whether a loop calls it, with what cannot be told.
        """
        arguments = Arguments(
            tuple(map(shallow, arguments.positional)),
            tuple((name, shallow(value)) for name, value in arguments.named),
            arguments.is_complete and not is_entry,
        )
        receiver = None if receiver is None else shallow(receiver)
        key = (function, arguments, receiver)
        known = self._read.get(key) or self._provisional.get(key)
        if known is not None:
            return known
        depth = self._active.get(key)
        if depth is not None:
            self._shallowest = min(self._shallowest, depth)
            return Result()
        if len(self._active) > _DEEPEST or self._left <= 0:
            self._shallowest = 0  # what is not read now may be read another time
            return Result()
        self._left -= 1
        self._is_too_much |= not self._left
        mine = len(self._active)
        outer, self._shallowest = self._shallowest, sys.maxsize
        self._active[key] = mine
        try:
            result = self._body(function, arguments, receiver)
        finally:
            del self._active[key]
        if self._shallowest < mine:
            self._provisional[key] = result
        elif not isinstance(function, Closure):
            self._read[key] = result
        if not self._is_too_much and (mine == 0 or self._shallowest >= mine):
            self._provisional.clear()
        self._shallowest = min(outer, self._shallowest)
        return result

    def _body(self, function: FunctionValue | Closure, arguments: Arguments, receiver: Value | None) -> Result:
        node = self.definition(function)
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
            frame.grants = self._readers.grants_of(self, node, frame)
        bind_parameters(self, node.args, arguments, receiver, frame)
        if isinstance(node, ast.Lambda):
            return frame.result(self.evaluate(node.body, frame))
        falls_through = self.execute(node.body, frame)
        self.read_closures(frame)
        if frame.is_generator or frame.yielded:
            return frame.result(join(*frame.yielded) if frame.yielded else UNKNOWN)._replace(is_generator=True)
        if falls_through and frame.returned:
            frame.returned.append(NOTHING)
        value = join(*frame.returned) if frame.returned else NOTHING
        return frame.result(shallow(value))

    def read_closures(self, frame: Frame) -> None:
        """Read the async functions that a function defines, with all its names bound."""
        for closure in frame.closures:
            if isinstance(closure, Closure):
                result = self.read(closure, Arguments(), is_entry=True)
                frame.findings |= result.findings
                frame.modules |= result.modules
        frame.closures = []

    def call_function(
        self,
        function: FunctionValue | Closure,
        arguments: Arguments,
        receiver: Value | None,
        frame: Frame,
        node: ast.expr,
    ) -> Value:
        """Call a function that is read, and return what it returns."""
        result = self.read(function, arguments, receiver)
        definition = self.definition(function)
        if result.is_generator:
            is_async = isinstance(definition, ast.AsyncFunctionDef)
            frame.absorb(result._replace(events=()), node, function.name)
            return Generator(result, result.value, is_async=is_async, name=function.name)
        frame.absorb(result, node, function.name)
        value = result.value
        if isinstance(value, Unknown) and definition is not None and not isinstance(definition, ast.Lambda):
            value = self._declared(function, definition, receiver)
        return Awaitable(value) if isinstance(definition, ast.AsyncFunctionDef) else value

    def _declared(
        self,
        function: FunctionValue | Closure,
        definition: ast.FunctionDef | ast.AsyncFunctionDef,
        receiver: Value | None,
    ) -> Value:
        """Return what a function says that it returns."""
        if definition.returns is None:
            return UNKNOWN
        parent = function.scope if isinstance(function, Closure) else None
        inner = Frame(Scope(function.module, parent), function.name, receiver=receiver, owner=function.owner)
        return self.annotated(definition.returns, inner)

    def stores_of(
        self, function: FunctionValue | Closure, instance: Instance, arguments: Arguments
    ) -> tuple[dict[str, Value], int]:
        """Return what a method stores in its instance, and the modules that were looked into for it."""
        key = (function, instance, arguments)
        known = self._stores.get(key)
        if known is None:
            self._stores[key] = {}, function.module.bit
            frame = self._executed(function, arguments, instance)
            stores = {} if frame is None else {name: join_known(values) for name, values in frame.stored.items()}
            bits = function.module.bit if frame is None else frame.modules
            known = self._stores[key] = stores, bits
        return known

    def _executed(
        self, function: FunctionValue | Closure, arguments: Arguments, receiver: Value | None
    ) -> Frame | None:
        node = self.definition(function)
        if node is None or isinstance(node, ast.Lambda) or len(self._active) > _DEEPEST or self._left <= 0:
            return None
        self._left -= 1
        parent = function.scope if isinstance(function, Closure) else None
        frame = Frame(Scope(function.module, parent), function.name, receiver=receiver, owner=function.owner)
        bind_parameters(self, node.args, arguments, receiver, frame)
        key = ("stores", function, receiver, len(self._active))
        self._active[key] = len(self._active)
        try:
            self.execute(node.body, frame)
        finally:
            del self._active[key]
        return frame

    def mend_of_marked(self, name: str) -> str | None:
        """Return the mend of a function that the settings mark, or ``None`` where they do not mark it."""
        return next((mend for pattern, mend in self._marked if pattern.match(name)), None)

    def guarded_methods(self, cls: str, name: str) -> list[str]:
        """Return the mend of a method that its class's owner guards from outside, if it does."""
        mend = self.guarded.get((cls, name))
        return [] if mend is None else [mend]

    def marked_as(self, value: Value, mend: str) -> Value:
        """Return a function as it is once it is marked."""
        return Wrapped("marked", value, (mend,))

    def is_derived(self, cls: Value, base: Value, frame: Frame) -> bool:
        """Tell whether a class is, or is derived from, another."""
        if cls == base:
            return True
        if isinstance(cls, ClassValue):
            return base in self._readers.order_of(self, cls, frame)
        return isinstance(cls, External) and isinstance(base, External) and base.name in known_bases(cls.name)

    def models_named(self, name: str) -> list[ClassValue]:
        """Return the classes of a name, of all modules."""
        return [ClassValue(module, name) for module in self.classes.get(name, ())]

    def models_with_relations(self) -> list[ClassValue]:
        """Return the classes that may have relations to others."""
        return [ClassValue(module, name) for module, name in self.related]
