"""Introspection of a guard's annotations and signature returns what it returns for the guarded callable."""

# mypy: disable-error-code="no-any-return, attr-defined, name-defined, type-arg"

from __future__ import annotations

import functools
import inspect
import os
import re
import sys
import typing
from typing import TYPE_CHECKING, Any

import pytest

from ginger_async_safe import async_unsafe, decorators, guard_blocking_calls

if TYPE_CHECKING:
    from collections.abc import Callable

_SINCE_314 = """
def function(a: int, b: str = "x", *rest: float, c: bool = True, **more: "bytes") -> float: ...
def generator(a: int, b: "str" = "x") -> typing.Iterator[int]: yield a
def bare(a): ...
def bare_generator(a): yield a
def assigned(a): ...
def assigned_generator(a): yield a
for each in (assigned, assigned_generator):
    each.__annotations__ = {"a": int}
class Shelf:
    def method(self, a: int) -> float: ...
    def generator(self, a: int) -> typing.Iterator[int]: yield a
    @classmethod
    def made(cls, a: int) -> "Shelf": ...
    @staticmethod
    def plain(a: int) -> float: ...
    @property
    def size(self) -> int: ...
partial = functools.partial(function, 1)
partial_generator = functools.partial(generator, 1)
builtin = len
"""
_DEFERRED = """
def forward(a: Later, b: list[Later]) -> Later: ...
def forward_generator(a: Later) -> typing.Iterator[Later]: yield a
"""
_GENERIC = """
def generic[T: int](a: T) -> T: ...
def generic_generator[T](a: T) -> typing.Iterator[T]: yield a
"""


def made() -> dict[str, Any]:
    """Return callables of every form, from a module without ``from __future__ import annotations``."""
    names: dict[str, Any] = {"typing": typing, "functools": functools, "__name__": __name__}
    source = _SINCE_314 + (_GENERIC if sys.version_info >= (3, 12) else "")
    source += _DEFERRED if sys.version_info >= (3, 14) else ""
    exec(compile(source, __file__, "exec", dont_inherit=True), names)
    return names


NAMES = [
    *["function", "generator", "bare", "bare_generator", "assigned", "assigned_generator"],
    *["partial", "partial_generator", "builtin", "Shelf.method", "Shelf.generator", "Shelf.made", "Shelf.plain"],
    *["Shelf().method", "Shelf().generator", "Shelf.size.fget"],
    *(["generic", "generic_generator"] if sys.version_info >= (3, 12) else []),
    *(["forward", "forward_generator"] if sys.version_info >= (3, 14) else []),
]

QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "typing.get_type_hints": typing.get_type_hints,
    "inspect.get_annotations": inspect.get_annotations,
    "inspect.get_annotations of texts": lambda value: inspect.get_annotations(value, eval_str=True),
    "inspect.signature": inspect.signature,
    "__type_params__": lambda value: value.__type_params__,
    "__doc__": lambda value: value.__doc__,
}
if sys.version_info >= (3, 14):
    import annotationlib

    for form in (annotationlib.Format.VALUE, annotationlib.Format.FORWARDREF, annotationlib.Format.STRING):
        QUESTIONS |= {
            f"annotationlib, {form.name}": lambda value, form=form: [
                (name, str(type(found)) if form.name == "FORWARDREF" else found)
                for name, found in annotationlib.get_annotations(value, format=form).items()
            ],
            f"inspect.signature, {form.name}": lambda value, form=form: re.sub(
                "owner=<.*?>", "owner", str(inspect.signature(value, annotation_format=form))
            ),
        }


def answer(question: Callable[[Any], Any], value: Any) -> Any:
    """Return the result, or the error."""
    try:
        return question(value)
    except (TypeError, AttributeError, NameError) as error:
        return type(error)


@pytest.fixture(params=["code", "wrapper"])
def _form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guard functions in their own code if that is possible, and with a wrapper."""
    if request.param == "wrapper":
        monkeypatch.setattr(decorators, "with_check", lambda *_: None)


@pytest.mark.usefixtures("_form")
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_answer(name: str, question: str) -> None:
    """The result is that for the unguarded callable."""
    names = made()
    target = eval(name, names)  # noqa: S307 - one of NAMES
    assert answer(QUESTIONS[question], target) == answer(QUESTIONS[question], async_unsafe(target))


@pytest.mark.usefixtures("_form")
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("name", ["method", "generator", "made", "plain"])
def test_of_classes(name: str, question: str) -> None:
    """The same is true for attributes of a class that are guarded by name, on the class and on an instance."""
    plain, guarded = made()["Shelf"], async_unsafe.guard(made()["Shelf"], name)
    for one, other in ((plain, guarded), (plain(), guarded())):
        answers = [answer(QUESTIONS[question], getattr(each, name)) for each in (one, other)]
        assert str(answers[0]) == str(answers[1])


@pytest.mark.skipif(sys.version_info < (3, 14), reason="annotations are evaluated at once before Python 3.14")
@pytest.mark.usefixtures("_form")
@pytest.mark.parametrize("name", ["forward", "forward_generator"])
def test_nothing_is_evaluated(name: str) -> None:
    """Decorating evaluates no annotation: a name may be defined later, and is found then."""
    names = made()
    guarded = async_unsafe(names[name])
    names["Later"] = int
    assert guarded.__annotations__["a"] is int
    assert typing.get_type_hints(guarded)["a"] is int


def test_guards_class_is_not_annotated() -> None:
    """Reading the annotations of the guards' classes does not change their results."""
    guarded = async_unsafe(made()["generator"])
    for kind in type(guarded).__mro__:
        inspect.get_annotations(kind)
    assert guarded.__annotations__.keys() == {"a", "b", "return"}


def test_rules_wrapper() -> None:
    """The wrapper of a rule returns what the callable that it replaces does."""
    plain = os.lstat
    with guard_blocking_calls():
        assert plain is not os.lstat
        for name, question in QUESTIONS.items():
            if name != "__type_params__":  # which functions have, even if it is empty
                assert answer(question, plain) == answer(question, os.lstat)


def described(*values: object) -> str:
    """Describe the arguments of a call."""
    return ", ".join(type(value).__name__ for value in values)


@pytest.mark.filterwarnings("ignore:functools.partial will be a method descriptor:FutureWarning")
def test_partial_in_a_class() -> None:
    """A partial that is a class attribute binds as it does unguarded: as a method from Python 3.14 on."""

    class Shelf:
        plain = functools.partial(described, 1)
        guarded = async_unsafe(functools.partial(described, 1))

    assert Shelf.plain(0.5) == Shelf.guarded(0.5) == "int, float"
    assert Shelf().plain(0.5) == Shelf().guarded(0.5)
    assert Shelf().guarded(0.5) == ("int, Shelf, float" if sys.version_info >= (3, 14) else "int, float")
    assert str(inspect.signature(Shelf().plain)) == str(inspect.signature(Shelf().guarded))
