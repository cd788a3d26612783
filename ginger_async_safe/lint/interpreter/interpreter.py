"""The interpreter: its state, and the handlers that evaluate the parts of a program.

The handlers are in the modules beside this one and in the rooms above; each gets the interpreter as its first argument. So
files that need one another meet here, and import each other in one direction only.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ginger_async_safe.lint.domain.values import Closure
from ginger_async_safe.lint.interpreter.budget import Budget
from ginger_async_safe.lint.interpreter.class_index import ClassIndex
from ginger_async_safe.lint.interpreter.marks import Marks
from ginger_async_safe.lint.interpreter.program import AbstractCalls, Classes, Fills, Imports, Models, Names, Shared
from ginger_async_safe.lint.interpreter.recursion import Recursion
from ginger_async_safe.lint.interpreter.registry_contents import Registries
from ginger_async_safe.lint.interpreter.results import Results

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.external_calls import Call
    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.domain.kinds import QuerySetKind
    from ginger_async_safe.lint.domain.scopes import Arguments
    from ginger_async_safe.lint.domain.summaries import Summary
    from ginger_async_safe.lint.domain.values import ClassValue, External, FunctionValue, Instance, QuerySet
    from ginger_async_safe.lint.knowledge.orm import Evaluation
    from ginger_async_safe.lint.knowledge.rule_table import RuleTable
    from ginger_async_safe.lint.source.project import Project

    Overlay: TypeAlias = Callable[["Interpreter", Call], Value]
    Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

__all__ = ["ORM", "Dependencies", "Handlers", "Interpreter"]


class Handlers(NamedTuple):
    """What evaluates the parts of a program: the modules beside this one, which the interpreter calls.

    Attributes:
        evaluate: Evaluates an expression.
        execute: Executes statements, and returns whether what follows them is reached.
        evaluate_annotation: Returns the values that an annotation describes.
        call: Calls a value.
        call_method: Calls a method, as operators and statements do.
        attribute: Returns an attribute of a value.
        call_external: Calls outside code, which is not read.
        overlays: What certain calls of outside code do, by their dotted names.
        orm: The ORM of GingerDJ and Django.
    """

    evaluate: Callable[[Interpreter, ast.expr, Frame], Value]
    execute: Callable[[Interpreter, Sequence[ast.stmt], Frame], bool]
    evaluate_annotation: Callable[[Interpreter, ast.expr, Frame], Value]
    call: Callable[..., Value]
    call_method: Callable[..., Value | None]
    attribute: Callable[[Interpreter, Value, str, ast.expr, Frame], Value]
    call_external: Overlay
    overlays: Mapping[str, Overlay]
    orm: ORM


class ORM(NamedTuple):
    """What models, managers and querysets do.

    Attributes:
        evaluate: Evaluates a queryset.
        item: Returns an item or slice of a queryset.
        keep_results: Notes that the results of a queryset are loaded.
        instance_of: Returns an element of a queryset.
        call_on_queryset: Calls a method of a queryset or manager.
        call_on_instance: Calls a method of an instance of a model.
        begin_transaction: Notes that a transaction begins and ends.
        call_external: Calls a function of the framework; returns ``None`` for one that is not known.
        queryset_class_of: Returns the framework and kind of a class of querysets or managers.
        framework_of_model: Returns the framework that a class is a model of.
        manager_of: Returns the manager that a model has by a name.
        attribute_of_instance: Returns what an instance of a model has by the name of a relation.
    """

    evaluate: Callable[[QuerySet, Evaluation, ast.expr, Frame], Value]
    item: Callable[[QuerySet, ast.Subscript, Frame], Value]
    keep_results: Callable[[QuerySet, ast.expr, Frame], None]
    instance_of: Callable[[QuerySet], Value]
    call_on_queryset: Callable[[QuerySet, str, Arguments, ast.Call, Frame], Value]
    call_on_instance: Callable[[str, str, ast.Call, Frame], Value]
    begin_transaction: Callable[[str, ast.expr, Frame], None]
    call_external: Callable[[Interpreter, Call], Value | None]
    queryset_class_of: Callable[[Interpreter, ClassValue, Frame], tuple[str, QuerySetKind] | None]
    framework_of_model: Callable[[Interpreter, Value, Frame], str | None]
    manager_of: Callable[[Interpreter, ClassValue | External, str, Frame], Value | None]
    attribute_of_instance: Callable[[Interpreter, Instance, str, ast.expr, Frame], Value | None]


class Dependencies(Protocol):
    """What installed packages do."""

    def summary(self, name: str) -> Summary | None:
        """Return what a name refers to, or ``None`` where that is not known."""


class Counts:
    """How much of the program was resolved.

    Attributes:
        calls: How many calls were evaluated.
        unresolved: How many of them could not be resolved.
        left_out: How many classes that implement abstract ones were not read, because there are too many.
    """

    __slots__ = ("calls", "left_out", "unresolved")

    def __init__(self) -> None:
        self.calls: int = 0
        self.unresolved: int = 0
        self.left_out: int = 0


class Interpreter:
    """The state of an analysis, shared by all that evaluates.

    Args:
        project: The modules of the project.
        rules: The rules that are in force.
        marked: The patterns of the functions that the project's settings mark, with their fixes.
        handlers: What evaluates the parts of a program.
        dependencies: What installed packages do; ``None`` where they are not read.
        follows_certainty: Whether results say that every path through a function makes a blocking call.

    Attributes:
        evaluate: Returns what an expression may be, and records its events in the frame.
        execute: Executes statements, and returns whether what follows them is reached.
        orm: The ORM of GingerDJ and Django.
        marks: What is marked elsewhere than by a decorator.
        names: What is known about the names of modules.
        classes: What is known about classes.
        fills: What is known about containers that are filled elsewhere.
        models: What is known about models.
        shared: What is known about the shared state of web applications.
        abstract_calls: The calls of abstract methods that are among the events.
        class_index: The classes of the program, by the names of their bases and methods.
        registries: What registries hold.
        imports: What modules have done once they are imported.
        results: The results of functions.
        recursion: The evaluations that are under way.
        budget: How many functions may still be evaluated.
        counts: How much of the program was resolved.
    """

    def __init__(  # noqa: PLR0913 - each is a part of what is analysed
        self,
        project: Project,
        rules: RuleTable,
        marked: Sequence[tuple[str, str]],
        handlers: Handlers,
        *,
        dependencies: Dependencies | None = None,
        follows_certainty: bool = False,
    ) -> None:
        self.project = project
        self.rules = rules
        self.follows_certainty = follows_certainty
        self._dependencies = dependencies
        self._handlers = handlers
        self.orm: ORM = handlers.orm
        self.marks: Marks = Marks(marked)
        self.recursion: Recursion = Recursion()
        self.names: Names = Names(self.recursion)
        self.classes: Classes = Classes(self.recursion)
        self.fills: Fills = Fills(self.recursion)
        self.models: Models = Models()
        self.shared: Shared = Shared()
        self.abstract_calls: AbstractCalls = AbstractCalls()
        self.class_index: ClassIndex = ClassIndex()
        self.registries: Registries = Registries()
        self.imports: Imports = Imports()
        self.results: Results = Results(self.recursion)
        self.budget: Budget = Budget()
        self.counts: Counts = Counts()

    # These are methods, and no partial objects, since Python 3.12 limits how deep calls through C code nest.

    def evaluate(self, node: ast.expr, frame: Frame) -> Value:
        """Return the value of an expression, and record the events in the frame."""
        return self._handlers.evaluate(self, node, frame)

    def execute(self, body: Sequence[ast.stmt], frame: Frame) -> bool:
        """Execute statements, and return whether what follows them is reached."""
        return self._handlers.execute(self, body, frame)

    def evaluate_annotation(self, node: ast.expr, frame: Frame) -> Value:
        """Return the values that an annotation describes."""
        return self._handlers.evaluate_annotation(self, node, frame)

    def call(
        self, function: Value, arguments: Arguments, frame: Frame, node: ast.expr, *, is_awaited: bool = False
    ) -> Value:
        """Call a value, record the events in the frame, and return what it returns."""
        return self._handlers.call(self, function, arguments, frame, node, is_awaited=is_awaited)

    def call_method(
        self, value: Instance, name: str, arguments: Arguments, frame: Frame, node: ast.expr
    ) -> Value | None:
        """Call a method, as an operator or statement does, or return ``None`` where there is none."""
        return self._handlers.call_method(self, value, name, arguments, frame, node)

    def call_external(self, call: Call) -> Value:
        """Call outside code, record the events in the frame, and return what it returns."""
        return self._handlers.call_external(self, call)

    def attribute(self, value: Value, name: str, node: ast.expr, frame: Frame) -> Value:
        """Return an attribute of a value."""
        return self._handlers.attribute(self, value, name, node, frame)

    def overlay(self, name: str) -> Overlay | None:
        """Return what calls of an outside function do, or ``None`` where they do nothing of their own."""
        return self._handlers.overlays.get(name)

    def summary(self, name: str) -> Summary | None:
        """Return what a name of an installed package refers to, or ``None`` where that is not known, or a row covers it."""
        if self._dependencies is None or self.rules.describes(name):
            return None
        return self._dependencies.summary(name)

    def begin_module(self) -> None:
        """Begin with the next module, and forget the provisional results of the last one."""
        self.budget.begin_module()
        self.recursion.forget_provisional()
        self.recursion.forgets = True

    def begin_analysis(self) -> None:
        """Forget results that were computed before all registrations were known."""
        if self.registries.names:
            self.results.forget()
            self.classes.forget_attributes()
            self.shared.by_function.clear()
            self.fills.contents.forget()
        self.counts = Counts()

    def definition(self, function: FunctionValue | Closure) -> Function | None:
        """Return the definition of a function."""
        if isinstance(function, Closure):
            return function.node
        node = self.project.definition(function.module, function.qualname, function.line)
        return node if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
