"""The vocabulary of conditions: what has to be true of a call, as data that the guard and the check both evaluate.

A clause names an argument, or the object of a method, and a quality of it. The guard makes plain functions of clauses once,
where they are declared, and calls these on real values. The check asks, with the values that a source shows, whether a clause
is known to be true.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    Evaluator: TypeAlias = Callable[[tuple[Any, ...], Mapping[str, Any]], bool]

__all__ = [
    "BY_NAME",
    "NOT_KNOWN",
    "RECEIVER",
    "Argument",
    "Arguments",
    "Clause",
    "HasFlag",
    "HasState",
    "Immediate",
    "IsConstant",
    "IsGiven",
    "IsOtherConstant",
    "Quality",
    "Receiver",
    "Satisfies",
    "State",
    "Subject",
    "any_of",
]

NOT_KNOWN = object()
"""What a tuple has in the place of a value that the check does not know; also a missing argument without a default."""

BY_NAME = sys.maxsize
"""The position of an argument that is given by name only."""


class State(Enum):
    """A state of an object: the guard looks at the object, and the check follows how the source made it and changed it."""

    if not TYPE_CHECKING:
        __hash__ = object.__hash__  # the check hashes states often, and ``Enum`` itself hashes them in Python code

    BLOCKING = "a descriptor in blocking mode"
    BOUNDED = "a queue that can be full"
    CONNECTIONLESS = "a socket for datagrams"
    DONE = "a future whose result is there"
    IN_MEMORY = "a database in memory, or a cursor of one"
    NAMELESS = "a socket whose addresses are never looked up, since it is not of the internet"
    NON_BLOCKING = "a socket in non-blocking mode"
    ON_DISK = "a database in a file"
    TIMED = "a socket with a timeout"


class Subject(ABC):
    """What a clause is about."""

    @abstractmethod
    def evaluator(self, predicate: Callable[[Any], bool], offset: int) -> Evaluator:
        """Return a function that takes the arguments of a call, and returns whether a predicate is true of the subject.

        Args:
            predicate: The predicate.
            offset: How many positional arguments come before the call's own: the object of a method.
        """


@dataclass(frozen=True)
class Argument(Subject):
    """An argument of a call.

    Attributes:
        position: Its position among the positional arguments, without the object of a method.
        name: Its name.
        default: Its value if it is not given.
    """

    position: int
    name: str = ""
    default: object = NOT_KNOWN

    def evaluator(self, predicate: Callable[[Any], bool], offset: int) -> Evaluator:  # noqa: D102 - see Subject
        position, name, default = self.position + offset, self.name, self.default

        def is_true(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
            return predicate(args[position] if len(args) > position else kwargs.get(name, default))

        return is_true


@dataclass(frozen=True)
class Arguments(Subject):
    """Several arguments together, as a tuple, in which the check puts ``NOT_KNOWN`` for those that it does not know."""

    members: tuple[Argument, ...]

    def evaluator(self, predicate: Callable[[Any], bool], offset: int) -> Evaluator:  # noqa: D102 - see Subject
        members = [(each.position + offset, each.name, each.default) for each in self.members]

        def is_true(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
            given = len(args)
            return predicate(
                tuple([args[at] if given > at else kwargs.get(name, value) for at, name, value in members])
            )

        return is_true


@dataclass(frozen=True)
class Receiver(Subject):
    """The object whose method is called."""

    def evaluator(self, predicate: Callable[[Any], bool], offset: int) -> Evaluator:  # noqa: ARG002, D102 - see Subject
        return lambda args, _kwargs: predicate(args[0])


RECEIVER = Receiver()


class Quality(ABC):
    """What may be true of an argument or object."""

    @abstractmethod
    def predicate(self) -> Callable[[Any], bool]:
        """Return the function that decides whether it is true of a real value."""


@dataclass(frozen=True)
class Satisfies(Quality):
    """A value of which a function is true. The function takes any value, and only looks at it.

    Attributes:
        function: The function.
    """

    function: Callable[[Any], bool]

    def predicate(self) -> Callable[[Any], bool]:  # noqa: D102 - see Quality
        return self.function


@dataclass(frozen=True)
class HasFlag(Quality):
    """Flags that include one of those named, such as ``"os.WNOHANG"``; a flag that a system lacks is not included."""

    names: tuple[str, ...]

    def predicate(self) -> Callable[[Any], bool]:  # noqa: D102 - see Quality
        mask = 0
        for each in _constants(self.names):
            mask |= each

        def has_flag(value: object) -> bool:
            return isinstance(value, int) and bool(value & mask)

        return has_flag


@dataclass(frozen=True)
class IsConstant(Quality):
    """A number that is one of the constants named, such as ``"fcntl.F_SETLKW"``."""

    names: tuple[str, ...]

    def predicate(self) -> Callable[[Any], bool]:  # noqa: D102 - see Quality
        return _constants(self.names).__contains__


@dataclass(frozen=True)
class IsOtherConstant(Quality):
    """A number that is none of the constants named; by its name, another constant of the same module."""

    names: tuple[str, ...]

    def predicate(self) -> Callable[[Any], bool]:  # noqa: D102 - see Quality
        named = _constants(self.names)
        return lambda value: value not in named


@dataclass(frozen=True)
class IsGiven(Quality):
    """An argument that is given, and is neither ``None`` nor empty; in a source, that is not known to be one of these."""

    def predicate(self) -> Callable[[Any], bool]:  # noqa: D102 - see Quality
        return lambda value: value is not NOT_KNOWN and bool(value)


@dataclass(frozen=True)
class HasState(Quality):
    """An object in a certain state.

    Attributes:
        state: The state.
        read: Whether a real object is in it. It does not wait, and changes nothing.
    """

    state: State
    read: Callable[[Any], bool]

    def predicate(self) -> Callable[[Any], bool]:  # noqa: D102 - see Quality
        return self.read


def _constants(names: tuple[str, ...]) -> frozenset[int]:
    """Return the values of the constants that this system has."""
    found = set()
    for name in names:
        module, _, constant = name.rpartition(".")
        try:
            found.add(int(getattr(import_module(module), constant)))
        except (ImportError, AttributeError):
            continue
    return frozenset(found)


@dataclass(frozen=True)
class Clause:
    """A quality of an argument, or of the object of a method."""

    subject: Subject
    quality: Quality

    def evaluator(self, offset: int) -> Evaluator:
        """Return a function that takes the arguments of a call, and returns whether the clause is true."""
        return self.subject.evaluator(self.quality.predicate(), offset)


@dataclass(frozen=True)
class Immediate:
    """A case in which a call does not wait: each clause of ``when`` is true, and none of ``unless``.

    The check counts a clause as true only if that is known. So it reports a call of which it knows nothing if the case has
    clauses of ``when``, and does not if it has such of ``unless`` alone.
    """

    when: tuple[Clause, ...] = ()
    unless: tuple[Clause, ...] = ()

    def evaluator(self, offset: int) -> Evaluator:
        """Return a function that takes the arguments of a call, and returns whether this is the case."""
        are_true = _all_of([each.evaluator(offset) for each in self.when])
        if not self.unless:
            return are_true
        is_excluded = any_of([each.evaluator(offset) for each in self.unless])
        if not self.when:
            return lambda args, kwargs: not is_excluded(args, kwargs)
        return lambda args, kwargs: are_true(args, kwargs) and not is_excluded(args, kwargs)


# Most conditions have one clause, which they call without a loop: they are evaluated before every guarded call on a loop.


def any_of(evaluators: list[Evaluator]) -> Evaluator:
    """Return a function that takes the arguments of a call, and returns whether one of others is true of them."""
    if len(evaluators) == 1:
        return evaluators[0]

    def is_any_true(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
        for is_true in evaluators:  # noqa: SIM110 - a generator takes as long as a clause
            if is_true(args, kwargs):
                return True
        return False

    return is_any_true


def _all_of(evaluators: list[Evaluator]) -> Evaluator:
    if len(evaluators) == 1:
        return evaluators[0]

    def are_all_true(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
        for is_true in evaluators:  # noqa: SIM110 - as above
            if not is_true(args, kwargs):
                return False
        return True

    return are_all_true
