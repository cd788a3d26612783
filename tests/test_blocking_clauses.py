"""Declared cases in which a call never waits: what they name exists, is where they say, and is what conditions go by."""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.blocking.clauses import (
    NOT_KNOWN,
    RECEIVER,
    Argument,
    Arguments,
    Clause,
    HasFlag,
    HasState,
    Immediate,
    IsConstant,
    IsGiven,
    IsOtherConstant,
    Satisfies,
    State,
)
from ginger_async_safe.blocking.immediate import cases_of, cases_of_rule, never_waits_if, waits_unless
from ginger_async_safe.blocking.rules import RULES
from ginger_async_safe.blocking.targets import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe.blocking.calls import BlockingCall

MODULES = ("concurrent.futures", "multiprocessing.pool", "multiprocessing.synchronize", "queue", "select", "subprocess")
CLAUSES = [(rule, clause) for rule in RULES for case in cases_of_rule(rule) for clause in (*case.when, *case.unless)]
SECOND = Argument(1, "flags", 0)


def arguments(clause: Clause) -> Iterator[Argument]:
    """Yield the arguments that a clause is about."""
    if isinstance(clause.subject, Argument):
        yield clause.subject
    elif isinstance(clause.subject, Arguments):
        yield from clause.subject.members


def test_signatures() -> None:
    """The callables have these arguments at these positions, with these defaults, where their signature is known."""
    for name in MODULES:
        importlib.import_module(name)
    checked = set()
    for rule in RULES:
        target = resolve(rule.target)
        if target is None or rule.shape == "entering":
            continue
        value = target.value.__func__ if isinstance(target.value, classmethod) else target.value
        try:
            parameters = list(inspect.signature(value).parameters.values())
        except ValueError:
            continue
        declared = [each for owner, clause in CLAUSES if owner is rule for each in arguments(clause)]
        for position, parameter in enumerate(parameters[isinstance(target.holder, type) :]):
            defaults = {each.name: each.default for each in declared if each.position == position}
            if defaults and parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                assert parameter.name in defaults, rule.id
                assert defaults[parameter.name] in (NOT_KNOWN, parameter.default), rule.id
                checked.add(rule.target)
    assert {"queue.Queue.get", "threading.Event.wait", "subprocess.Popen.communicate", "os.wait4"} <= checked


def test_constants() -> None:
    """Each constant that a clause names is one of its module, on a system that has the call."""
    missing = set()
    for rule, clause in CLAUSES:
        if isinstance(clause.quality, (HasFlag, IsConstant, IsOtherConstant)) and resolve(rule.target) is not None:
            for name in clause.quality.names:
                module, _, constant = name.rpartition(".")
                if not hasattr(importlib.import_module(module), constant):
                    missing.add(name)
    assert missing <= {"fcntl.F_OFD_SETLKW"}  # which Python before 3.9, and other systems than Linux, lack


@pytest.mark.parametrize(
    ("clause", "holding", "failing"),
    [
        (Clause(SECOND, Satisfies(lambda value: value == 0)), [(1,), (1, 0)], [(1, 2), (0, 1)]),
        (
            Clause(SECOND, HasFlag(("socket.MSG_PEEK", "socket.MSG_NO_SUCH"))),
            [(1, 2), (1, 3)],
            [(1,), (1, 4), (1, "2")],
        ),
        (Clause(SECOND, IsConstant(("os.O_RDWR",))), [(1, 2)], [(1,), (1, 3)]),
        (Clause(SECOND, IsOtherConstant(("os.O_RDWR",))), [(1,), (1, 3)], [(1, 2)]),
        (Clause(SECOND, IsGiven()), [(1, "a")], [(1,), (1, "")]),
        (Clause(Argument(0, "path"), IsGiven()), [("a",)], [()]),
        (
            Clause(Arguments((Argument(0), SECOND)), Satisfies(lambda both: both == (1, 0))),
            [(1,), (1, 0)],
            [(2, 0), (1, 1)],
        ),
        (Clause(RECEIVER, HasState(State.DONE, bool)), [(1,)], [(0,)]),
    ],
    ids=lambda each: type(each.quality).__name__ if isinstance(each, Clause) else "",
)
def test_clause(clause: Clause, holding: list[tuple[object, ...]], failing: list[tuple[object, ...]]) -> None:
    """A clause is true of some arguments, by position or by default, and of others it is not."""
    condition = waits_unless(clause, is_method=False)
    assert [False] * len(holding) == [condition(*each) for each in holding]
    assert [True] * len(failing) == [condition(*each) for each in failing]


def test_names() -> None:
    """An argument may be given by name, and the object of a method is not counted among the positions."""
    condition = waits_unless(Clause(SECOND, Satisfies(bool)))
    assert (True, False) == (condition("object", 1), condition("object", 0, 1))
    assert (True, False) == (condition("object", 0, flags=0), condition("object", 0, flags=1))


@pytest.mark.parametrize(
    ("flags", "kind", "waits"), [(1, "a", False), (1, "", True), (0, "a", True), (0, "", True)], ids=repr
)
def test_case(flags: int, kind: str, waits: bool) -> None:
    """A case needs all clauses of ``when``, and none of ``unless``."""
    has_no_kind = Clause(Argument(0, "kind"), Satisfies(lambda value: value == ""))
    condition = waits_unless(Immediate((Clause(SECOND, Satisfies(bool)),), unless=(has_no_kind,)), is_method=False)
    assert waits is condition(kind, flags)


def test_live_state() -> None:
    """What the cases leave open, the function decides; it is not called for what they decide."""
    seen = []

    @never_waits_if(Clause(Argument(0, "timeout", None), Satisfies(lambda timeout: timeout == 0)))
    def is_empty(items: list[int], timeout: float | None = None) -> bool:
        """Return whether it waits."""
        seen.append(timeout)
        return not items

    assert (False, True, False) == (is_empty([], 0), is_empty([], timeout=1), is_empty([1]))
    assert [1, None] == seen
    assert "Return whether it waits." == is_empty.__doc__


def test_declared() -> None:
    """What a condition declares is found by the condition, and by the rule; other conditions declare nothing."""
    rules: dict[str, BlockingCall] = {rule.id: rule for rule in RULES}
    timeout = cases_of(rules["queue.Queue.put"].blocks)[1].when[0]
    assert Argument(2, "timeout", None) == timeout.subject
    assert Argument(0, "blocking", default=True) == cases_of_rule(rules["threading.Lock"])[0].when[0].subject
    assert () == cases_of_rule(rules["os.stat"]) == cases_of_rule(rules["signal.sigwait"])
