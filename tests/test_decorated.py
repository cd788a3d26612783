"""What ``@async_unsafe`` leaves unchanged: attributes, pickles, signatures, arguments, and code of every form."""

from __future__ import annotations

import copy
import dataclasses
import functools
import inspect
import math
import pickle
import sys
import typing
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from _guarding import called_in_task, listening, refusal_of, violation_of
from _samples import Shop, function, guarded_builtin, guarded_instance, guarded_partial, shop

from ginger_async_safe import SynchronousOnlyOperation, async_unsafe

if TYPE_CHECKING:
    from collections.abc import Callable


# -- What stays unchanged


def full(a: int, /, b: str = "b", *rest: int, c: float, d: float = 4, **more: object) -> list[int]:
    """Have a parameter of each kind."""
    return [a, *rest]


full.author = "someone"  # type: ignore[attr-defined]
guarded_full: Any = async_unsafe(full)


@pytest.mark.parametrize(
    "name",
    [
        *("__name__", "__qualname__", "__doc__", "__module__", "__annotations__", "__defaults__", "__kwdefaults__"),
        "author",
        pytest.param("__type_params__", marks=pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12")),
    ],
)
def test_attributes_of_a_function(name: str) -> None:
    """A guarded function has the attributes of the function that it guards."""
    assert getattr(full, name) == getattr(guarded_full, name)


def test_function_stays_a_function() -> None:
    """For ``inspect`` and ``typing`` it is a function with the same signature, source and annotations."""
    assert inspect.isfunction(guarded_full)
    assert inspect.signature(full) == inspect.signature(guarded_full)
    assert inspect.signature(full) == inspect.signature(guarded_full, follow_wrapped=False)
    assert inspect.getsource(full) == inspect.getsource(guarded_full)
    assert typing.get_type_hints(full) == typing.get_type_hints(guarded_full)
    assert full is inspect.unwrap(guarded_full)
    assert {**vars(full), "__wrapped__": full} == vars(guarded_full)


def test_keyword_defaults_are_its_own() -> None:
    """Changing the keyword defaults of one does not change those of the other."""

    def example(*, a: int = 1) -> int:
        return a

    guarded: Any = async_unsafe(example)
    guarded.__kwdefaults__["a"] = 2
    assert (1, 2) == (example(), guarded())


@pytest.mark.parametrize(
    ("original", "guarded"),
    [
        pytest.param(math.sqrt, guarded_builtin, id="builtin"),
        pytest.param(guarded_partial.__wrapped__, guarded_partial, id="partial"),  # type: ignore[attr-defined]
        pytest.param(Shop.remembered.__wrapped__, Shop.remembered, id="cached function"),  # type: ignore[attr-defined]
    ],
)
def test_attributes_of_a_callable(original: Any, guarded: Any) -> None:
    """Other guarded callables have the attributes and the signature of the original."""
    names = ("__name__", "__qualname__", "__module__", "__doc__", "__self__", "func", "args", "cache_info", "missing")
    assert [getattr(original, each, None) for each in names] == [getattr(guarded, each, None) for each in names]
    assert inspect.signature(original) == inspect.signature(guarded)
    assert guarded.__wrapped__ is original


def test_cached_function_keeps_its_cache() -> None:
    """``functools.lru_cache`` below the decorator is checked at every call; above it, at every miss."""

    @async_unsafe
    @functools.lru_cache
    def below(a: int) -> int:
        return a

    @functools.lru_cache
    @async_unsafe
    def above(a: int) -> int:
        return a

    for cached in (below, above):
        assert (1, 1) == (cached(1), cached(1))
        assert (1, 1) == cached.cache_info()[:2]  # type: ignore[attr-defined]
    refusal_of(below, 1)
    refusal_of(above, 2)
    assert 1 == called_in_task(above, 1)
    below.cache_clear()  # type: ignore[attr-defined]
    assert (0, 0) == below.cache_info()[:2]  # type: ignore[attr-defined]


# -- Pickle and copy


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "value", [function, Shop.method, Shop.static_method, Shop.guarded_static_method, Shop.remembered]
)
def test_pickle_by_name(value: Any, protocol: int) -> None:
    """Functions are pickled by name, guarded ones too."""
    assert value is pickle.loads(pickle.dumps(value, protocol))


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", ["method", "class_method", "guarded_class_method"])
def test_pickle_bound_method(name: str, protocol: int) -> None:
    """Bound methods are pickled with their instance, and stay guarded."""
    loaded = pickle.loads(pickle.dumps(getattr(Shop(), name), protocol))
    assert 5 == loaded(5)[1]
    refusal_of(loaded, 5)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
@pytest.mark.parametrize(
    ("value", "argument", "result"), [(guarded_builtin, 4, 2), (guarded_partial, 3, 8), (guarded_instance, 5, 5)]
)
def test_copies_of_a_callable(duplicate: Callable[[Any], Any], value: Any, argument: int, result: int) -> None:
    """A copy of a guarded builtin, partial or instance works like the original, and is guarded, too."""
    made = duplicate(value)
    assert result == made(argument)
    assert violation_of(value, argument).call == violation_of(made, argument).call


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copy_of_a_function_is_the_function(duplicate: Callable[[Any], Any]) -> None:
    """Copying a function returns the function itself, also if it is guarded."""
    assert function is duplicate(function)


def test_deepcopy_copies_what_a_partial_holds() -> None:
    """A deep copy of a guarded partial has copies of its arguments."""
    numbers = [1]
    guarded: Any = async_unsafe(functools.partial(sorted, numbers))
    duplicate = copy.deepcopy(guarded)
    numbers.append(0)
    assert ([0, 1], [1]) == (guarded(), duplicate())


# -- Other decorators


def test_singledispatch_above() -> None:
    """A guarded function can be the default of a generic function, and an implementation of one."""

    @functools.singledispatch
    @async_unsafe
    def kind(value: object) -> str:
        return "object"

    @kind.register
    @async_unsafe
    def _(value: int) -> str:
        return "int"

    @kind.register
    def _(value: str) -> str:
        return "str"

    assert ["object", "int", "str"] == [kind(each) for each in (None, 1, "")]
    assert "str" == called_in_task(kind, "")
    refusal_of(kind, 1)
    refusal_of(kind, None)


def test_singledispatch_below() -> None:
    """A guarded generic function accepts more implementations, and all of them are guarded."""

    @async_unsafe
    @functools.singledispatch
    def kind(value: object) -> str:
        return "object"

    kind.register(int, lambda _: "int")  # type: ignore[attr-defined]
    assert ["object", "int"] == [kind(each) for each in (None, 1)]
    refusal_of(kind, 1)


def test_create_autospec_of_a_function() -> None:
    """A mock of a guarded function has its signature, and is not guarded."""
    made: Any = mock.create_autospec(guarded_full, return_value=5)
    assert 5 == called_in_task(made, 1, c=2)
    with pytest.raises(TypeError):
        made()
    made.assert_called_once_with(1, c=2)


def test_create_autospec_of_a_class() -> None:
    """A mock of a class has its guarded methods, with their signatures."""
    made: Any = mock.create_autospec(Shop, instance=True)
    made.method(1)
    made.class_method(a=1)
    for name in ("method", "guarded_class_method", "static_method"):
        with pytest.raises(TypeError):
            getattr(made, name)(1, 2, 3)


def test_create_autospec_of_a_callable() -> None:
    """A mock of a guarded builtin or partial can be called."""
    for guarded in (guarded_builtin, guarded_partial, guarded_instance):
        made: Any = mock.create_autospec(guarded, return_value=5)
        assert 5 == called_in_task(made, 1)


def test_patching_a_guarded_method() -> None:
    """A guarded method can temporarily be replaced by a mock."""
    with mock.patch.object(Shop, "method", autospec=True, return_value=(shop, 5)):
        assert (shop, 5) == called_in_task(shop.method, 1)
    refusal_of(shop.method, 1)


def test_functools_wraps_of_a_guard() -> None:
    """A wrapper around a guarded function is not mistaken for the guard itself."""

    @functools.wraps(function)
    def outer(*arguments: int) -> list[object]:
        return function(*arguments)

    assert violation_of(function, 1).call == violation_of(async_unsafe(outer), 1).call
    assert [1, 2, (), 3, {}] == async_unsafe(outer)(1)


def test_dataclass() -> None:
    """Guarded methods and properties work in dataclasses, with slots and without."""

    @dataclasses.dataclass(frozen=True)
    class Record:
        number: int

        @async_unsafe
        def double(self) -> int:
            return 2 * self.number

    @dataclasses.dataclass(slots=True)
    class Slotted:
        number: int

        @async_unsafe  # type: ignore[prop-decorator]
        @property
        def half(self) -> float:
            return self.number / 2

    assert (4, 1) == (Record(2).double(), Slotted(2).half)
    refusal_of(Record(2).double)
    refusal_of(lambda: Slotted(2).half)


# -- Arguments


def no_parameters() -> None:
    """Accept no arguments."""


def positional_only(a: int, b: int = 2, /) -> list[int]:
    """Accept positional arguments."""
    return [a, b]


def keyword_only(*, a: int, b: int = 2) -> list[int]:
    """Accept keyword arguments."""
    return [a, b]


def mixed(a: int, /, b: int, c: int = 3, *, d: int, e: int = 5) -> list[int]:
    """Accept some arguments by either."""
    return [a, b, c, d, e]


def anything(*arguments: int, **keywords: int) -> tuple[object, object]:
    """Accept any arguments."""
    return arguments, keywords


def same_name(a: int, /, **keywords: int) -> tuple[object, object]:
    """Accept a keyword with the name of a positional parameter."""
    return a, keywords


@pytest.mark.parametrize(
    ("target", "arguments", "keywords"),
    [
        (no_parameters, [], {}),
        (no_parameters, [1], {}),
        (no_parameters, [], {"a": 1}),
        (positional_only, [1], {}),
        (positional_only, [1, 2], {}),
        (positional_only, [], {}),
        (positional_only, [1, 2, 3], {}),
        (positional_only, [1], {"a": 1}),
        (keyword_only, [], {"a": 1}),
        (keyword_only, [], {}),
        (keyword_only, [1], {}),
        (keyword_only, [], {"a": 1, "c": 1}),
        (mixed, [1, 2], {"d": 4}),
        (mixed, [1], {"b": 2, "c": 3, "d": 4, "e": 6}),
        (mixed, [1], {"d": 4}),
        (mixed, [1, 2, 3], {}),
        (mixed, [1, 2], {"b": 2, "d": 4}),
        (anything, [1, 2], {"self": 1, "arguments": 2, "keywords": 3}),
        (same_name, [1], {"a": 2}),
        (same_name, [], {"a": 2}),
    ],
)
def test_arguments(target: Callable[..., object], arguments: list[int], keywords: dict[str, int]) -> None:
    """A guarded function accepts the same arguments, and for others raises Python's own error, with its name."""

    def outcome(called: Callable[..., object]) -> object:
        try:
            return called(*arguments, **keywords)
        except TypeError as error:
            return str(error)

    expected = outcome(target)
    assert expected == outcome(async_unsafe(target))
    assert expected == outcome(async_unsafe(functools.partial(target)))
    if isinstance(expected, str):  # invalid arguments are an error on a loop, too
        assert expected == called_in_task(outcome, async_unsafe(target))
        assert f"{target.__name__}()" in expected


def test_wrong_arguments_of_a_method() -> None:
    """The error for wrong arguments names the class and the method."""
    with pytest.raises(TypeError, match=r"^Shop\.method\(\) missing 1 required positional argument: 'a'$"):
        shop.method()  # type: ignore[call-arg]


CLASHING = (
    *("probe", "refuse", "mark", "function", "_globals", "self", "cls", "make", "wrapper", "body", "code", "wrapped"),
    *("instance", "owner", "args", "kwargs", "arguments", "message", "fix", "target", "call", "detect", "enforce"),
    *("probe_", "refuse_", "function_", "mark_", "_", "type", "print", "int"),
)


@pytest.mark.parametrize("name", CLASHING)
@pytest.mark.parametrize(
    ("source", "is_keyword"),
    [
        ("def example({0}): return {0}", False),
        ("def example({0}): return {0}", True),
        ("def example(*, {0}): return {0}", True),
        ("def example({0}, /, *, {0}_1=6): return {0}", False),
        ("def example(*{0}): return {0}[0]", False),
        ("def example(**{0}): return {0}.get('{0}')", True),
        ("def example({0}):\n    return (lambda: {0})()", False),
    ],
)
def test_parameter_names(name: str, source: str, is_keyword: bool) -> None:
    """No parameter name clashes with a name of the guard's own."""
    names: dict[str, Any] = {}
    exec(source.format(name), names)
    guarded = async_unsafe(names["example"])
    arguments, keywords = ([], {name: 5}) if is_keyword else ([5], {})
    assert 5 == guarded(*arguments, **keywords)
    refusal_of(guarded, *arguments, **keywords)


def test_mangled_parameter_names() -> None:
    """A private parameter of a method keeps the name that Python gives it."""

    class Example:
        @async_unsafe
        def method(self, __secret: int = 1, *, __other: int = 2) -> tuple[int, int]:  # noqa: PYI063 - it is not positional-only
            return __secret, __other

    assert (1, 2) == Example().method()
    assert (3, 4) == Example().method(3, _Example__other=4)  # type: ignore[call-arg]


# -- Code of many forms


def test_closure() -> None:
    """A guarded function shares the variables of its enclosing functions."""
    count = 0

    @async_unsafe
    def increment() -> int:
        nonlocal count
        count += 1
        return count

    assert [1, 2] == [increment(), increment()]
    count = 5
    assert (6, 6) == (increment(), count)
    refusal_of(increment)
    assert 6 == count


def test_recursion() -> None:
    """A recursive function may be stopped in an inner call if a loop runs by then."""

    @async_unsafe
    def down(depth: int) -> int:
        return 0 if depth == 0 else 1 + down(depth - 1)

    @async_unsafe
    def down_to_a_loop(depth: int) -> int:
        return called_in_task(down_to_a_loop, 0) if depth == 1 else 0 if depth == 0 else down_to_a_loop(depth - 1)

    assert 200 == down(200)
    with listening() as heard, pytest.raises(SynchronousOnlyOperation):
        down_to_a_loop(5)
    assert 1 == len(heard)


def test_super() -> None:
    """``super()`` works in guarded methods, in both forms."""

    class Base:
        @async_unsafe
        def name(self) -> str:
            return "base"

        @classmethod
        @async_unsafe
        def of_class(cls) -> str:
            return f"base of {cls.__name__}"

    class Child(Base):
        @async_unsafe
        def name(self) -> str:
            return f"child of {super().name()}"

        @async_unsafe
        @classmethod
        def of_class(cls) -> str:
            return f"child of {super().of_class()}"

    assert ("child of base", "child of base of Child") == (Child().name(), Child.of_class())
    assert ["Child", "Child"] == [violation_of(each).call.split(".")[-2] for each in (Child().name, Child.of_class)]


def test_subclass_overrides() -> None:
    """A subclass that overrides a guarded method is not guarded there; its calls of the base method are."""

    class Child(Shop):
        def method(self, a: int) -> tuple[Shop, int]:
            return self, -a

        def base_method(self, a: int) -> tuple[Shop, int]:
            return super().method(a)

        @property
        def attribute(self) -> int:
            return -1

        @classmethod
        def class_method(cls, a: int) -> tuple[type[Shop], int]:
            return super().class_method(a)

    child = Child()
    assert ((child, -1), -1) == called_in_task(lambda: (child.method(1), child.attribute))
    assert "_samples.Shop.method" == violation_of(child.base_method, 1).call
    assert "_samples.Shop.class_method" == violation_of(child.class_method, 1).call
    assert ((child, 1), (Child, 1)) == (child.base_method(1), child.class_method(1))


def test_decorated_after_a_subclass_was_made() -> None:
    """Guarding a method of a base class affects subclasses that inherit it, and not those that override it."""

    class Base:
        def method(self) -> str:
            return "base"

    class Inheriting(Base):
        pass

    class Overriding(Base):
        def method(self) -> str:
            return "overriding"

    async_unsafe.guard(Base, "method")
    assert ("base", "overriding") == (Inheriting().method(), called_in_task(Overriding().method))
    refusal_of(Inheriting().method)
