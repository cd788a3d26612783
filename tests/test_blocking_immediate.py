"""Arguments with which a call never waits: what conditions declare is what they evaluate, and what the callables take."""

from __future__ import annotations

import importlib
import inspect
from types import FunctionType
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.blocking.immediate import Immediate, immediate_arguments
from ginger_async_safe.blocking.rules import RULES
from ginger_async_safe.blocking.targets import resolve

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import BlockingCall

DECLARED = [(rule, each) for rule in RULES for each in immediate_arguments(rule)]
EVALUATED = [(rule, each) for rule, each in DECLARED if rule.blocks is not None and rule.shape != "entering"]
MODULES = ("concurrent.futures", "multiprocessing.pool", "multiprocessing.synchronize", "queue", "select", "subprocess")


def test_positions() -> None:
    """Positions are counted without the object of a method."""
    of = {rule.id: immediate_arguments(rule) for rule in RULES}
    assert (Immediate(0, "seconds", 0),) == of["time.sleep"]
    assert (Immediate(3, "timeout", 0),) == of["select.select"]
    assert (Immediate(1, "block", False), Immediate(2, "timeout", 0)) == of["queue.Queue.put"]
    assert (Immediate(0, "blocking", False), Immediate(1, "timeout", 0)) == of["threading.Lock"]
    assert () == of["file.open"]


@pytest.mark.parametrize(("rule", "immediate"), EVALUATED, ids=lambda each: getattr(each, "id", each))
def test_condition(rule: BlockingCall, immediate: Immediate) -> None:
    """With such an argument the condition says that the call does not wait, and looks at no object."""
    assert rule.blocks is not None
    parameters = inspect.signature(rule.blocks).parameters.values()
    needed = [object() for each in parameters if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD]
    assert rule.blocks(*needed, **{immediate.name: immediate.value}) is False


def test_signatures() -> None:
    """The callables that are written in Python take these arguments under these names, at these positions."""
    for name in MODULES:
        importlib.import_module(name)
    checked = set()
    for rule, immediate in DECLARED:
        target = resolve(rule.target)
        if target is None or type(target.value) is not FunctionType or rule.shape == "entering":
            continue
        names = list(inspect.signature(target.value).parameters)
        position = immediate.position + isinstance(target.holder, type)
        assert immediate.name == names[position], rule.id
        checked.add(rule.id)
    assert {"queue.Queue.get", "threading.Event.wait", "subprocess.Popen.communicate"} <= checked
