"""``@async_unsafe`` on everything that can be called: what it stops, and what it leaves unchanged."""

from __future__ import annotations

import abc
import asyncio
import functools
import gc
import inspect
import os
import re
import sqlite3
import threading
import types
import weakref
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from _guarding import called_in_task, listening, refusal_of, violation_of
from _running import in_new_process
from _samples import (
    Echo,
    Shop,
    echo_later,
    function,
    guarded_builtin,
    guarded_instance,
    guarded_lambda,
    guarded_partial,
    shop,
)
from asgiref.sync import async_to_sync, sync_to_async

from ginger_async_safe import SynchronousOnlyOperation, async_unsafe, configure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

BARE_MESSAGE = "You cannot call this from an async context - use a thread or sync_to_async."
HERE = __name__
THERE = "_samples"


# -- What can be guarded


def set_attribute(to: Shop, value: int) -> None:
    """Set the guarded property."""
    to.attribute = value


def delete_attribute(of: Shop) -> None:
    """Delete the guarded property."""
    del of.attribute


KINDS: list[tuple[str, Callable[[], object], object, str]] = [
    ("function", lambda: function(1), [1, 2, (), 3, {}], f"{THERE}.function"),
    ("lambda", lambda: guarded_lambda(1), 1, f"{THERE}.<lambda>"),
    ("partial", lambda: guarded_partial(3), 8.0, "math.pow"),
    ("builtin", lambda: guarded_builtin(4), 2.0, "math.sqrt"),
    ("callable instance", lambda: guarded_instance(1), 1, f"{THERE}.Echo"),
    ("method", lambda: shop.method(1), (shop, 1), f"{THERE}.Shop.method"),
    ("method through its class", lambda: Shop.method(shop, 1), (shop, 1), f"{THERE}.Shop.method"),
    ("class method above", lambda: Shop.guarded_class_method(1), (Shop, 1), f"{THERE}.Shop.guarded_class_method"),
    ("class method of an instance", lambda: shop.class_method(1), (Shop, 1), f"{THERE}.Shop.class_method"),
    ("class method below", lambda: Shop.class_method(1), (Shop, 1), f"{THERE}.Shop.class_method"),
    ("static method above", lambda: shop.guarded_static_method(1), 1, f"{THERE}.Shop.guarded_static_method"),
    ("static method below", lambda: Shop.static_method(1), 1, f"{THERE}.Shop.static_method"),
    ("property, read", lambda: shop.attribute, 1, f"{THERE}.Shop.inner"),
    ("property, set", lambda: set_attribute(shop, 1), None, f"{THERE}.Shop.inner"),
    ("property, deleted", lambda: delete_attribute(Shop()), None, f"{THERE}.Shop.inner"),
    ("getter", lambda: shop.only_read, 1, f"{THERE}.Shop.only_read"),
    ("cached property above", lambda: Shop().cached, 1, f"{THERE}.Shop.cached"),
    ("cached property below", lambda: Shop().cached_function, 1, f"{THERE}.Shop.cached_function"),
    ("partial method", shop.one_more, (shop, 1), f"{THERE}.Shop.method"),
    ("builtin as a class attribute", lambda: shop.builtin(-1), 1, "builtins.abs"),
    ("partial as a class attribute", lambda: shop.partial(1), 2, "_operator.add"),
    ("instance as a class attribute", lambda: shop.instance(1), 1, f"{THERE}.Echo"),
    ("cached method", lambda: shop.remembered(1), (1, 1), f"{THERE}.Shop.remembered"),
    ("bound method", lambda: async_unsafe(Echo().__call__)(1), 1, f"{THERE}.Echo.__call__"),
    ("bound builtin", lambda: async_unsafe([3].count)(3), 1, "builtins.list.count"),
    ("bound method written in C", lambda: async_unsafe(deque([3]).count)(3), 1, "collections.deque.count"),
    ("class method written in C", lambda: async_unsafe(date.fromordinal)(1), date.min, "datetime.date.fromordinal"),
    ("async_to_sync", lambda: async_unsafe(async_to_sync(echo_later))(1), 1, "asgiref.sync.AsyncToSync"),
]

kinds = pytest.mark.parametrize(("call", "result", "name"), [pytest.param(*each[1:], id=each[0]) for each in KINDS])


@kinds
def test_allowed_without_a_loop(call: Callable[[], object], result: object, name: str) -> None:
    """Outside of a loop, a guarded call works as before."""
    assert result == call()


@kinds
def test_stopped_on_a_loop(call: Callable[[], object], result: object, name: str) -> None:
    """On a loop, the call is stopped, and the error has its name."""
    error = refusal_of(call)
    assert error.violation is not None
    assert (BARE_MESSAGE, name) == (error.message, error.violation.call)


@kinds
def test_allowed_in_a_thread(call: Callable[[], object], result: object, name: str) -> None:
    """A task can make the same call in a thread."""
    assert result == asyncio.run(asyncio.to_thread(call))


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")  # by AsyncToSync
@kinds
def test_same_result_under_a_policy(call: Callable[[], object], result: object, name: str) -> None:
    """Under a policy that allows it, the call does the same on a loop as elsewhere, and is one violation."""
    configure(policy="ignore")
    with listening() as heard:
        if name == "asgiref.sync.AsyncToSync":  # which itself refuses to run on a loop
            with pytest.raises(RuntimeError, match="You cannot use AsyncToSync in the same thread"):
                called_in_task(call)
        else:
            assert result == called_in_task(call)
    assert [name] == [each.call for each in heard]


def test_stopped_before_it_runs() -> None:
    """If the call is stopped, no code of the function runs."""
    ran: list[str] = []

    @async_unsafe
    def run(each: str) -> None:
        ran.append(each)

    refusal_of(run, "stopped")
    run("allowed")
    assert ["allowed"] == ran


def test_original_stays_unguarded() -> None:
    """The decorated function itself is not changed, and ``__wrapped__`` refers to it."""

    def original() -> int:
        return 1

    guarded = async_unsafe(original)
    assert guarded.__wrapped__ is original  # type: ignore[attr-defined]
    assert 1 == called_in_task(original)
    refusal_of(guarded)


def test_property_without_setter() -> None:
    """A guarded property has the accessors that it had before."""

    class Example:
        @async_unsafe  # type: ignore[prop-decorator]
        @property
        def attribute(self) -> int:
            """A number."""
            return 1

    guarded = vars(Example)["attribute"]
    assert (None, None, "A number.") == (guarded.fset, guarded.fdel, guarded.__doc__)
    with pytest.raises(AttributeError):
        Example().attribute = 2  # type: ignore[misc]


@pytest.mark.parametrize("value", [Echo(), abs, Echo().__call__, deque().count])
def test_binding_of_a_class_attribute(value: Callable[..., object]) -> None:
    """A class attribute that does not bind to the instance does not bind when it is guarded, either."""
    plain, guarded = (type("Example", (), {"attribute": each})().attribute for each in (value, async_unsafe(value)))
    assert plain(5) == guarded(5)
    assert getattr(plain, "__self__", None) == getattr(guarded, "__self__", None)


def test_unguarded_setter_of_a_guarded_getter() -> None:
    """If only the getter is guarded, setting is not checked."""
    example = Shop()

    def change() -> None:
        example.only_read = 5

    called_in_task(change)
    assert 5 == example.only_read


def test_cached_property_is_free_once_read() -> None:
    """A cached property is checked when it is computed; reading the cached value does not block."""
    example = Shop()
    violation_of(lambda: example.cached)
    assert 1 == example.cached
    assert 1 == called_in_task(lambda: example.cached)


async def read_in_task() -> None:
    """Read the guarded property in a function that the fix can name."""
    _ = shop.attribute


async def set_in_task() -> None:
    """Set it there."""
    shop.attribute = 1


async def delete_in_task() -> None:
    """Delete it there."""
    del shop.attribute


@pytest.mark.parametrize(
    ("main", "fix"),
    [
        (read_in_task, 'await sync_to_async(getattr)(..., "inner")'),
        (set_in_task, 'await sync_to_async(setattr)(..., "inner", ...)'),
        (delete_in_task, 'await sync_to_async(delattr)(..., "inner")'),
    ],
)
def test_fix_of_a_property(main: Callable[[], Coroutine[Any, Any, None]], fix: str) -> None:
    """The fix for an attribute shows how to read, set or delete it in a thread."""
    with pytest.raises(SynchronousOnlyOperation, match=re.escape(f"  fix       {fix}") + "$"):
        asyncio.run(main())


def test_abstract_methods() -> None:
    """A guarded abstract method is still abstract, in either order of the decorators."""

    class Base(abc.ABC):
        @async_unsafe
        @abc.abstractmethod
        def above(self) -> None: ...

        @abc.abstractmethod
        @async_unsafe
        def below(self) -> None: ...

        @async_unsafe  # type: ignore[prop-decorator]
        @property
        @abc.abstractmethod
        def attribute(self) -> int: ...

    assert {"above", "below", "attribute"} == Base.__abstractmethods__


# -- Message and fix


@pytest.mark.parametrize(
    ("decorator", "message", "fix"),
    [
        (async_unsafe, BARE_MESSAGE, None),
        (async_unsafe(), BARE_MESSAGE, None),
        (async_unsafe(message=None, fix=None), BARE_MESSAGE, None),
        (async_unsafe("Ask the pool."), "Ask the pool.", None),
        (async_unsafe(message="Ask the pool."), "Ask the pool.", None),
        (async_unsafe(fix="await pool.ask()"), BARE_MESSAGE, "await pool.ask()"),
        (async_unsafe("Ask the pool.", fix="await pool.ask()"), "Ask the pool.", "await pool.ask()"),
        (async_unsafe(message="Ask the pool.", fix="await pool.ask()"), "Ask the pool.", "await pool.ask()"),
    ],
)
@pytest.mark.parametrize(
    "target",
    [
        pytest.param(lambda: None, id="function"),
        pytest.param(os.getpid, id="builtin"),
        pytest.param(inspect.getmembers, id="other's function"),
    ],
)
def test_message_and_fix(decorator: Any, message: str, fix: str | None, target: Callable[..., object]) -> None:
    """However a message and a fix are given, they are in the error."""
    error = refusal_of(decorator(target), *[1] * (target is inspect.getmembers))
    assert error.violation is not None
    assert (message, (message,), message) == (error.message, error.args, error.violation.message)
    assert str(error).startswith(f"{message}\n  call ")
    assert fix is None or str(error).endswith(f"  fix       {fix}")


def test_bare_message_is_the_one_that_programs_match_on() -> None:
    """The message is exactly the one that users of GingerDJ and Django know."""
    with pytest.raises(SynchronousOnlyOperation, match=r"^You cannot call this from an async context - use a thread "):
        called_in_task(function, 1)
    assert BARE_MESSAGE == str(refusal_of(function, 1)).splitlines()[0]


def test_message_after_the_function() -> None:
    """A message as an argument beside the function is an error that shows how to give one."""
    with pytest.raises(TypeError, match=r"message and fix before the function: @async_unsafe\(message=\.\.\., fix="):
        async_unsafe(len, message="Ask the pool.")  # type: ignore[call-overload]


def test_repr() -> None:
    """The ``repr`` of the decorator, and of what it creates, says what they are."""
    assert "ginger_async_safe.async_unsafe" == repr(async_unsafe)
    assert "<async_unsafe math.sqrt>" == repr(guarded_builtin)


# -- Decorated twice


@async_unsafe
@async_unsafe
@async_unsafe
def stacked_function() -> int:
    """Have one decorator, or three."""
    return 1


class Stacked:
    """Decorated twice, in every form."""

    @async_unsafe
    @async_unsafe
    def method(self) -> int:
        return 1

    @async_unsafe
    @classmethod
    @async_unsafe
    def class_method(cls) -> int:
        return 1

    @async_unsafe
    @async_unsafe
    @staticmethod
    @async_unsafe
    def static_method() -> int:
        return 1

    @async_unsafe  # type: ignore[prop-decorator]
    @property
    @async_unsafe
    def attribute(self) -> int:
        return 1

    @async_unsafe
    def by_name(self) -> int:
        return 1

    builtin: Any = async_unsafe(async_unsafe(os.getpid))


async_unsafe.guard(Stacked, "by_name")


@pytest.mark.parametrize(
    "call",
    [
        stacked_function,
        Stacked().method,
        Stacked.class_method,
        Stacked.static_method,
        lambda: Stacked().attribute,
        Stacked().by_name,
        Stacked.builtin,
    ],
)
def test_stacked(call: Callable[[], object]) -> None:
    """A function that is decorated twice is checked once: one violation for one call."""
    configure(policy="ignore")
    with listening() as heard:
        assert call() == called_in_task(call)
    assert 1 == len(heard)


def test_stacked_messages() -> None:
    """Of two decorators, the outer one's message and fix are used; the inner one's if the outer has none."""

    @async_unsafe("Outer.")
    @async_unsafe("Inner.", fix="await inner()")
    def example() -> None: ...

    violation = violation_of(example)
    assert ("Outer.", "await inner()") == (violation.message, violation.fix)


# -- Classes, with names of methods


class Database(sqlite3.Connection):
    """A class whose methods are written in C."""


async_unsafe.guard(Database, "execute", "cursor", "commit", "__call__", message="Ask the pool.", fix="await pool.ask()")


def test_guard_methods_written_in_c() -> None:
    """Methods written in C can be guarded in a Python subclass; the C class is not changed."""
    with (
        closing(sqlite3.connect(":memory:", factory=Database)) as guarded,
        closing(sqlite3.connect(":memory:")) as free,
    ):
        assert [(1,)] == guarded.execute("select 1").fetchall()
        assert [(2,)] == guarded.execute("select ?", (2,)).fetchall()
        assert isinstance(guarded.cursor(), sqlite3.Cursor)
        assert Database.execute(guarded, "select 1").fetchall() == [(1,)]
        error = refusal_of(lambda: guarded.execute("select 1"))
        assert error.violation is not None
        expected = ("Ask the pool.", f"{HERE}.Database.execute", "await pool.ask()")
        assert expected == (error.message, error.violation.call, error.violation.fix)
        refusal_of(guarded.commit)
        refusal_of(lambda: guarded("select 1"))
        assert [(1,)] == called_in_task(lambda: free.execute("select 1").fetchall())
        with pytest.raises(TypeError, match="argument"):
            guarded.execute()  # type: ignore[call-arg]


def test_guard_returns_the_class() -> None:
    """``guard()`` returns the class, so that both can be written in one line."""

    class Example:
        def method(self) -> int:
            return 1

    assert Example is async_unsafe.guard(Example, "method")
    assert 1 == Example().method()
    refusal_of(Example().method)


def test_guard_every_kind_of_attribute() -> None:
    """Methods of every kind, inherited ones included, are guarded for the class; its base class is not changed."""

    class Parent:
        def __init__(self) -> None:
            self.number = 1

        def method(self) -> int:
            return self.number

        @classmethod
        def class_method(cls) -> str:
            return cls.__name__

        @staticmethod
        def static_method() -> int:
            return 1

        @property
        def attribute(self) -> int:
            return self.number

        @functools.cached_property
        def cached(self) -> int:
            return self.number

        partial_method = functools.partialmethod(max, 5)

        def __len__(self) -> int:
            return self.number

        def generator(self) -> Iterator[int]:
            yield self.number

    class Child(Parent):
        pass

    names = ("method", "class_method", "static_method", "attribute", "cached", "__len__", "generator")
    async_unsafe.guard(Child, *names)
    uses: list[tuple[str, Callable[[Any], object], object]] = [
        ("method", lambda each: each.method(), 1),
        ("class_method", lambda each: each.class_method(), "Child"),
        ("static_method", lambda each: each.static_method(), 1),
        ("attribute", lambda each: each.attribute, 1),
        ("cached", lambda each: each.cached, 1),
        ("__len__", len, 1),
        ("generator", lambda each: list(each.generator()), [1]),
    ]
    for name, use, result in uses:
        prefix = f"{HERE}.{Child.__qualname__}"
        assert (result, f"{prefix}.{name}") == (use(Child()), violation_of(use, Child()).call)
        assert name == "class_method" or result == called_in_task(use, Parent())
        assert name not in vars(Parent) or vars(Parent)[name] is not vars(Child)[name]


def test_guard_init_and_call() -> None:
    """Methods that Python itself calls can be guarded, so that creating an instance can be stopped."""

    class Example:
        def __init__(self, number: int) -> None:
            self.number = number

        def __call__(self) -> int:
            return self.number

    made = async_unsafe.guard(Example, "__init__", "__call__")(5)
    assert 5 == made()
    refusal_of(made)
    refusal_of(Example, 5)


class Fixed:
    """A class with attributes that cannot be guarded."""

    number = 5

    def method(self) -> int:
        return self.number

    async def coroutine_method(self) -> None: ...

    class Inner:
        """An inner class."""


@pytest.mark.parametrize(
    ("cls", "names", "error", "text"),
    [
        (Fixed, ["method", "missing"], AttributeError, "Fixed has no 'missing' to guard"),
        (
            Fixed,
            ["method", "number"],
            TypeError,
            "cannot guard an int, which cannot be called; put it above a function",
        ),
        (Fixed, ["method", "coroutine_method"], TypeError, "await that through sync_to_async"),
        (Fixed, ["method", "Inner"], TypeError, r"name its methods: async_unsafe\.guard\(Fixed\.Inner, \"method\"\)"),
        (Fixed, [], TypeError, r"name the methods to guard: async_unsafe\.guard\(Fixed, \"connect\", \"cursor\"\)"),
        (Fixed(), ["method"], TypeError, "takes a class and names of its methods, not a Fixed"),
        (5, ["method"], TypeError, "takes a class and names of its methods, not an int"),
        (sqlite3.Connection, ["cursor"], TypeError, "is written in C and cannot be changed; guard a subclass of it"),
        (Database, ["isolation_level"], TypeError, "cannot guard a getset_descriptor, which cannot be called"),
    ],
)
def test_guard_refuses(cls: Any, names: list[str], error: type[Exception], text: str) -> None:
    """What cannot be guarded raises an error that gives the fix, and nothing is changed."""
    before = dict(vars(cls)) if isinstance(cls, type) else {}
    with pytest.raises(error, match=text):
        async_unsafe.guard(cls, *names)
    assert before == (dict(vars(cls)) if isinstance(cls, type) else {})


# -- What cannot be guarded


async def coroutine_function() -> None:
    """Run on the loop by design."""


async def async_generator_function() -> AsyncIterator[int]:
    """Run on the loop by design."""
    yield 1


@types.coroutine
def old_coroutine_function() -> Iterator[None]:
    """Run on the loop by design, as a generator."""
    yield


class WithAsyncCall:
    """Instances are awaited."""

    async def __call__(self) -> None: ...

    async def method(self) -> None: ...


class WithAsyncGeneratorCall:
    """Instances are iterated on the loop."""

    async def __call__(self) -> AsyncIterator[int]:
        yield 1


COROUTINE = (
    r"cannot guard the coroutine function [\w.]+: it runs on the event loop by design; put async_unsafe on the sync"
)
ASYNC_GENERATOR = (
    r"cannot guard the async generator function [\w.]+: it runs on the event loop by design; put async_unsafe"
)
NO_CALLABLE = "which cannot be called; put it above a function, a method, a property, a class method or a static method"


@pytest.mark.parametrize(
    ("target", "text"),
    [
        pytest.param(coroutine_function, COROUTINE, id="async def"),
        pytest.param(functools.partial(coroutine_function), COROUTINE, id="partial of async def"),
        pytest.param(
            functools.partial(functools.partial(coroutine_function)), COROUTINE, id="partial of a partial of async def"
        ),
        pytest.param(WithAsyncCall(), COROUTINE, id="instance with async def __call__"),
        pytest.param(functools.partial(WithAsyncCall()), COROUTINE, id="partial of such an instance"),
        pytest.param(WithAsyncCall().method, COROUTINE, id="bound async method"),
        pytest.param(classmethod(coroutine_function), COROUTINE, id="class method"),  # type: ignore[arg-type]
        pytest.param(staticmethod(coroutine_function), COROUTINE, id="static method"),
        pytest.param(property(coroutine_function), COROUTINE, id="property"),  # type: ignore[arg-type]
        pytest.param(functools.cached_property(coroutine_function), COROUTINE, id="cached property"),  # type: ignore[arg-type]
        pytest.param(functools.partialmethod(coroutine_function), COROUTINE, id="partial method"),
        pytest.param(old_coroutine_function, COROUTINE, id="types.coroutine"),
        pytest.param(sync_to_async(len), COROUTINE, id="sync_to_async"),
        pytest.param(mock.AsyncMock(), COROUTINE, id="AsyncMock"),
        pytest.param(async_generator_function, ASYNC_GENERATOR, id="async generator function"),
        pytest.param(functools.partial(async_generator_function), ASYNC_GENERATOR, id="partial of such a function"),
        pytest.param(WithAsyncGeneratorCall(), ASYNC_GENERATOR, id="instance with async generator as __call__"),
        pytest.param(
            functools.partial(WithAsyncGeneratorCall()),
            ASYNC_GENERATOR,
            id="partial of an instance with such a __call__",
        ),
        pytest.param(
            Fixed, r'the class Fixed as a whole; name its methods: async_unsafe\.guard\(Fixed, "method"\)', id="class"
        ),
        pytest.param(dict, r"the class dict as a whole; name its methods", id="class written in C"),
        pytest.param(5, f"an int, {NO_CALLABLE}", id="number"),
        pytest.param(None, f"a NoneType, {NO_CALLABLE}", id="None"),
        pytest.param([], f"a list, {NO_CALLABLE}", id="list"),
        pytest.param(object(), f"an object, {NO_CALLABLE}", id="object"),
        pytest.param(os, f"a module, {NO_CALLABLE}", id="module"),
        pytest.param(classmethod(5), f"an int, {NO_CALLABLE}", id="class method of a number"),  # type: ignore[arg-type]
    ],
)
def test_refuses(target: Any, text: str) -> None:
    """What cannot be guarded is refused at decoration, with the fix, in every form of the decorator."""
    for decorator in (async_unsafe, async_unsafe("Ask the pool."), async_unsafe(fix="await pool.ask()")):
        with pytest.raises(TypeError, match=text):
            decorator(target)


# -- Threads and memory


def test_32_threads() -> None:
    """32 threads that decorate and call functions at the same time each get the correct results."""
    start = threading.Barrier(32)

    def work(number: int) -> list[object]:
        results: list[object] = []
        start.wait()
        for each in range(40):
            names: dict[str, Any] = {}
            exec(f"def example(a, b{each}=1, *, c{number}=2): return a + b{each} + c{number}", names)
            guarded = async_unsafe(names["example"])
            results.append(guarded(each))
            if each % 10 == 0:
                results.append(violation_of(guarded, each).call)
        return results

    with ThreadPoolExecutor(32) as pool:
        done = list(pool.map(work, range(32)))
    one = [result for each in range(40) for result in ([each + 3, ANY_NAME] if each % 10 == 0 else [each + 3])]
    assert [one] * 32 == done


ANY_NAME = "builtins.example"


def test_32_threads_and_the_import_of_trio() -> None:
    """Functions that 32 threads guard while trio is being imported are all stopped in trio."""
    source = """
        import json, threading
        from concurrent.futures import ThreadPoolExecutor
        from ginger_async_safe import SynchronousOnlyOperation, async_unsafe

        start, imported = threading.Barrier(33), threading.Event()

        def work(_):
            guarded = []
            start.wait()
            while len(guarded) < 20 or not imported.wait(0.001):
                guarded.append(async_unsafe(lambda: None))
                guarded[-1]()
            return guarded

        with ThreadPoolExecutor(33) as pool:
            made = [pool.submit(work, each) for each in range(32)]
            start.wait()
            import trio
            imported.set()

        async def main():
            passed = 0
            for guard in [each for done in made for each in done.result()]:
                try:
                    guard()
                    passed += 1
                except SynchronousOnlyOperation:
                    pass
            return passed

        print(json.dumps(trio.run(main)))
    """
    assert 0 == in_new_process(source)


def test_guarded_functions_are_forgotten() -> None:
    """An unused guarded function is garbage-collected, also one that refers to itself."""

    def make() -> weakref.ref[Callable[[int], int]]:
        @async_unsafe
        def down(depth: int) -> int:
            return depth and down(depth - 1)

        assert 0 == down(3)
        return weakref.ref(down)

    made = make()
    gc.collect()
    assert made() is None
