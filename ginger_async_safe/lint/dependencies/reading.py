"""Reading installed packages: what a name refers to, and the blocking call that each call of it makes.

The interpreter evaluates the function with unknown arguments, and follows whether each path through it that ends with a result
makes a blocking call. What is made on some paths only, such as a query before a cache is filled, is not reported.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import Unknown, each
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Arguments, Scope
from ginger_async_safe.lint.domain.summaries import Summary, SummaryKind
from ginger_async_safe.lint.domain.values import (
    NOTHING,
    Awaitable,
    BoundMethod,
    ClassValue,
    Closure,
    Collection,
    Constant,
    Decorated,
    External,
    FunctionValue,
    Generator,
    Instance,
    ModuleValue,
    Partial,
    TupleValue,
)
from ginger_async_safe.lint.interpreter.budget import Budget
from ginger_async_safe.lint.interpreter.interpreter import Interpreter
from ginger_async_safe.lint.knowledge.rule_table import RuleTable, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.lint.domain.bases import Single, Value
    from ginger_async_safe.lint.domain.findings import Finding
    from ginger_async_safe.lint.interpreter.interpreter import Handlers
    from ginger_async_safe.lint.source.environments import Environment
    from ginger_async_safe.lint.source.installed import InstalledPackages
    from ginger_async_safe.lint.source.project import Module

__all__ = ["CATEGORIES", "PackageReader", "Reading"]

CATEGORIES = frozenset({"time", "network", "processes", "databases"})
"""The categories of the calls that are reported. Files are not: nothing shows whether a package reads a file of its own once, or
one that its caller names. Locks and threads are not: a package holds them for a moment, or waits for its own."""

_MAX_OF_NAME = 400  # function evaluations for one name
_CALLABLE = (FunctionValue, Closure, ClassValue, BoundMethod, Decorated, Partial)
_NODE = ast.parse("call()", mode="eval").body


class Reading:
    """What reading the source of a name gave.

    Attributes:
        summary: What it refers to; ``None`` where that is not known.
        roots: The packages that this depends on, by the dotted names of their modules; also those that are not installed.
    """

    __slots__ = ("roots", "summary")

    def __init__(self, summary: Summary | None, roots: Iterable[str] = ()) -> None:
        self.summary: Summary | None = summary
        self.roots: frozenset[str] = frozenset(roots)


class PackageReader:
    """Reads the source of installed packages.

    Args:
        packages: Their modules.
        environment: Where they are installed.
        rules: The rules that are in force.
        handlers: What evaluates the parts of a program.

    Attributes:
        cut: The packages of which not all was read, because they are too large.
    """

    def __init__(
        self,
        packages: InstalledPackages,
        environment: Environment,
        rules: Sequence[BlockingCall],
        handlers: Handlers,
    ) -> None:
        table = RuleTable([rule for rule in rules if rule.category in CATEGORIES])
        self._packages = packages
        self._environment = environment
        self._interpreter = Interpreter(packages, table, (), handlers, follows_certainty=True)
        self._budgets: dict[str, Budget] = {}
        self.cut: set[str] = packages.cut

    def read(self, name: str) -> Reading:
        """Return what a dotted name of an installed package refers to."""
        module, rest = self._module_of(name)
        if module is None or not rest:
            return Reading(None)
        root = self._packages.root_of(module.name)
        interpreter = self._interpreter
        interpreter.budget = budget = self._budgets.setdefault(root, Budget())
        budget.is_exceeded = False
        budget.begin(_MAX_OF_NAME)
        interpreter.recursion.forget_provisional()
        interpreter.recursion.forgets = True
        frame = Frame(Scope(module), module.name)
        frame.follow()
        summary = self._summary(name, root, ModuleValue(module), rest, frame)
        if budget.is_exceeded:
            self.cut.add(root)
        return Reading(summary, {root, *self._packages.asked_for(frame.modules)})

    def _module_of(self, name: str) -> tuple[Module | None, list[str]]:
        parts = name.split(".")
        for length in range(len(parts) - 1, 0, -1):
            module = self._packages.find(".".join(parts[:length]), None)
            if module is not None:
                return module, parts[length:]
        return None, []

    def _summary(self, name: str, root: str, value: Value, rest: list[str], frame: Frame) -> Summary | None:
        public = name
        for index, part in enumerate(rest):
            owner = _single(value)
            if owner is None:
                return None
            if isinstance(owner, External):
                return self._alias(canonical(".".join((owner.name, *rest[index:]))), root)
            if isinstance(owner, ClassValue):
                if part in {"__init__", "__new__"}:
                    return None
                public = f"{self._public(owner)}.{part}"
                owner = Instance(owner)
            elif isinstance(owner, Instance) and isinstance(owner.cls, ClassValue):
                public = f"{self._public(owner.cls)}.{part}"
            value = self._interpreter.attribute(owner, part, _NODE, frame)
        member = _single(value)
        if isinstance(member, (ClassValue, FunctionValue)):
            public = self._public(member) if "." in name else public
        return self._of_value(value, public, root, frame)

    def _of_value(self, value: Value, public: str, root: str, frame: Frame) -> Summary | None:
        """Return a summary of what a name refers to, whose public name is another one."""
        member = _single(value)
        package = str(self._environment.distribution_of(root) or root)
        if isinstance(member, BoundMethod) and isinstance(member.function, External):
            member = member.function
        if isinstance(member, External):
            return self._alias(member.name, root)
        if isinstance(member, _CALLABLE):
            return self._of_callable(member, public, package, frame)
        chain = _chain(frame.events.values()) if frame.is_certain_since(0, falls=True) else ()
        text = self._type(value)
        return Summary(SummaryKind.VALUE, public, package, text, chain=chain) if text or chain else None

    def _alias(self, name: str, root: str) -> Summary | None:
        """Return a summary of a name that is not read: where a rule may cover it, or another package has it."""
        is_inside = f"{name}.".startswith(f"{root}.") and not self._interpreter.rules.describes(name)
        return None if is_inside else Summary(SummaryKind.ALIAS, name)

    def _of_callable(self, member: Single, public: str, package: str, frame: Frame) -> Summary:
        result, chain, is_certain = self._called(member, (), frame)
        flags = () if is_certain or not chain else self._flags_of(member)
        if flags:
            result, chain, is_certain = self._called(member, tuple((name, value) for name, _, value in flags), frame)
        return Summary(
            SummaryKind.CALLABLE,
            public,
            package,
            self._type(result),
            is_made=isinstance(member, ClassValue),
            chain=chain if is_certain else (),
            is_lazy=isinstance(_single(result), Generator),
            is_async=isinstance(_single(result), Awaitable),
            flags=tuple((name, position) for name, position, _ in flags) if is_certain else (),
        )

    def _called(
        self, member: Single, named: tuple[tuple[str, Value], ...], frame: Frame
    ) -> tuple[Value, tuple[str, ...], bool]:
        """Call something with some arguments and others that are not known.

        Returns:
            The result; the calls down to a blocking call, or none; whether it is certain that one is made. Where the result
            is a generator, its consumption counts.
        """
        inner = Frame(frame.scope, frame.function)
        inner.follow()
        result = self._interpreter.call(member, Arguments((), named, is_complete=False), inner, _NODE)
        frame.depend_on(inner.modules)
        made = _single(result)
        if isinstance(made, Generator):
            chain = () if made.is_async else _chain(made.result.events)
            return result, (made.name, *chain) if chain else (), made.result.is_certain
        return result, _chain(inner.events.values()), inner.is_certain_since(0, falls=True)

    def _flags_of(self, member: Single) -> list[tuple[str, int, Value]]:
        """Return the parameters of a function that are on or off, with their positions in a call and their defaults."""
        is_bound = isinstance(member, BoundMethod)
        while isinstance(member, (BoundMethod, Decorated)):
            member = member.function  # type: ignore[assignment]
        node = self._interpreter.definition(member) if isinstance(member, (FunctionValue, Closure)) else None
        if node is None:
            return []
        positional = [*node.args.posonlyargs, *node.args.args]
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(node.args.defaults))
        defaults += [*node.args.defaults, *node.args.kw_defaults]
        found: list[tuple[str, int, Value]] = []
        for index, (parameter, default) in enumerate(zip((*positional, *node.args.kwonlyargs), defaults, strict=True)):
            if isinstance(default, ast.Constant) and _is_flag(parameter, default):
                position = index - is_bound if index < len(positional) else -1
                found.append((parameter.arg, position, Constant(default.value)))
        return found

    def _type(self, value: Value) -> str:
        """Return a type in the notation of the tables; empty where there is none, or more than one."""
        found = {self._type_of(member) for member in each(value) if member != NOTHING}
        return found.pop() if len(found) == 1 else ""

    def _type_of(self, value: Single) -> str:
        if isinstance(value, Awaitable):
            return self._type(value.result)
        if isinstance(value, Instance):
            if isinstance(value.cls, ClassValue):
                return "" if "<locals>" in value.cls.qualname else self._public(value.cls)
            return value.cls.name if "." in value.cls.name and "<" not in value.cls.name else ""
        if isinstance(value, TupleValue):
            items = [self._type(item) for item in value.items]
            return f"({', '.join(items)},)" if items and all(items) else ""
        if isinstance(value, Collection) and value.kind == "list":
            elements = self._type(value.elements)
            return f"list[{elements}]" if elements else ""
        return ""

    def _public(self, value: ClassValue | FunctionValue) -> str:
        """Return the name of a function or class by the outermost package that exports it."""
        name, _, rest = value.qualname.partition(".")
        parts = value.module.name.split(".")
        frame = Frame(Scope(value.module), value.module.name)
        for length in range(1, len(parts)):
            package = self._packages.find(".".join(parts[:length]), None)
            symbols = None if package is None else self._packages.symbols(package)
            if package is None or symbols is None or not (name in symbols.bindings or symbols.stars):
                continue
            exported = self._interpreter.attribute(ModuleValue(package), name, _NODE, frame)
            if isinstance(exported, (ClassValue, FunctionValue)) and (exported.module, exported.qualname) == (
                value.module,
                name,
            ):
                return ".".join(filter(None, (package.name, name, rest)))
        return value.name


def _single(value: Value) -> Single | None:
    """Return the one known member of a value, or ``None`` where there are several or none."""
    members = [member for member in each(value) if member != NOTHING and not isinstance(member, Unknown)]
    return members[0] if len(members) == 1 else None


def _is_flag(parameter: ast.arg, default: ast.Constant) -> bool:
    is_declared = parameter.annotation is not None and "bool" in ast.unparse(parameter.annotation)
    return isinstance(default.value, bool) or (default.value is None and is_declared)


def _chain(events: Iterable[Finding]) -> tuple[str, ...]:
    """Return the calls down to the blocking call that is reported, of several: another one than a pause, and the nearest."""
    chains = [tuple(step.call for step in event.chain) for event in events]
    return min(chains, key=lambda chain: (chain[-1] == "time.sleep", len(chain), chain), default=())
