"""Guarded generators: checked when called and at every resumption, and otherwise like any generator."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import functools
import gc
import inspect
import itertools
import weakref
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest
import trio
from _guarding import called_in_task, listening, refusal_of, violation_of

from ginger_async_safe import SynchronousOnlyOperation, async_unsafe, configure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = __name__


@async_unsafe
def rows(stop: int = 5, /, *, start: int = 0) -> Iterator[int]:
    """Yield numbers."""
    yield from range(start, stop)


@async_unsafe
def echo(log: list[object]) -> Generator[object, object, str]:
    """Yield what is sent, log what is thrown and the end, and return a string."""
    got: object = "first"
    try:
        while got is not None:
            with contextlib.suppress(LookupError):
                got = yield got
                continue
            log.append("thrown")
            got = "caught"
    finally:
        log.append("end")
    return "returned"


class Table:
    """Generator methods of every kind."""

    def __init__(self) -> None:
        self.stop = 2

    @async_unsafe
    def method(self) -> Iterator[int]:
        yield from range(self.stop)

    @async_unsafe
    @classmethod
    def class_method(cls) -> Iterator[int]:
        yield from range(2)

    @staticmethod
    @async_unsafe
    def static_method() -> Iterator[int]:
        yield from range(2)

    @async_unsafe  # type: ignore[prop-decorator]
    @property
    def attribute(self) -> Iterator[int]:
        yield from range(self.stop)

    @async_unsafe
    def __iter__(self) -> Iterator[int]:
        yield from range(self.stop)


# -- Where they are checked


@pytest.mark.parametrize(
    "call",
    [
        rows,
        Table().method,
        Table.class_method,
        Table().static_method,
        lambda: Table().attribute,
        lambda: iter(Table()),
        async_unsafe(functools.partial(rows.__wrapped__, 2)),  # type: ignore[attr-defined]
        async_unsafe(Table().method),
    ],
)
def test_call(call: Callable[[], Iterator[int]]) -> None:
    """The call of a generator function is checked, and so is each step of a generator that was created elsewhere."""
    refusal_of(call)
    made = call()
    refusal_of(next, made)
    assert [0, 1] == [*made][:2]


RESUMPTIONS: list[tuple[str, Callable[[Any], object]]] = [
    ("next", next),
    ("send", lambda made: made.send("sent")),
    ("throw", lambda made: made.throw(LookupError("thrown"))),
    ("close", lambda made: made.close()),
    ("for", lambda made: [each for each in made]),  # noqa: C416 - the loop is what is tested
    ("list", list),
    ("unpacking", lambda made: [*made]),
    ("yield from", lambda made: list(_delegating(made))),
    ("itertools", lambda made: list(itertools.islice(made, 1))),
    ("in", lambda made: "missing" in made),
]


def _delegating(made: Iterator[Any]) -> Iterator[Any]:
    yield from made


@pytest.mark.parametrize("resume", [pytest.param(resume, id=name) for name, resume in RESUMPTIONS])
@pytest.mark.parametrize("where", [asyncio.run, lambda coroutine: trio.run(lambda: coroutine)], ids=["asyncio", "trio"])
def test_resumption(resume: Callable[[Any], object], where: Callable[[Any], Any]) -> None:
    """Every way to resume a suspended generator is stopped on a loop, and its state is unchanged."""
    log: list[object] = []
    made = echo(log)
    assert "first" == next(made)

    async def main() -> None:
        for _ in range(3):
            with pytest.raises(SynchronousOnlyOperation) as stopped:
                resume(made)
            assert stopped.value.violation is not None
            assert f"{HERE}.echo" == stopped.value.violation.call

    where(main())
    assert ([], "second") == (log, made.send("second"))
    assert ("caught", ["thrown"]) == (made.throw(KeyError()), log)
    with pytest.raises(StopIteration, match="returned"):
        next(made)
    assert ["thrown", "end"] == log


def test_goes_on_in_a_thread() -> None:
    """A generator whose resumption was refused on the loop continues in a thread from where it was."""

    async def main() -> list[int]:
        made = await asyncio.to_thread(rows)
        got = [await asyncio.to_thread(next, made)]
        with pytest.raises(SynchronousOnlyOperation):
            next(made)
        got += [await asyncio.to_thread(next, made)]
        with pytest.raises(SynchronousOnlyOperation):
            list(made)
        return got + await asyncio.to_thread(list, made)

    assert [0, 1, 2, 3, 4] == asyncio.run(main())


def test_close_that_runs_nothing() -> None:
    """Closing a generator that has not begun, or has ended, runs none of its code, and is allowed."""
    log: list[object] = []
    unstarted, ended = echo(log), rows(0)
    assert [] == list(ended)
    called_in_task(unstarted.close)
    called_in_task(ended.close)  # type: ignore[attr-defined]
    assert ([], []) == (log, list(unstarted))


def test_one_violation_for_each_step() -> None:
    """Under a policy that allows it, the call and each step are one violation each, also when decorated twice."""
    configure(policy="ignore")
    with listening() as heard:
        assert [0, 1] == called_in_task(lambda: list(async_unsafe(rows)(2)))
    assert [f"{HERE}.rows"] * 4 == [each.call for each in heard]  # the call, two values, the end


def test_message_and_fix() -> None:
    """The owner's message and fix are in the error of each step."""

    @async_unsafe("Ask the pool.", fix="await pool.rows()")
    def example() -> Iterator[int]:
        yield 1

    for violation in (violation_of(example), violation_of(next, example())):
        assert ("Ask the pool.", "await pool.rows()") == (violation.message, violation.fix)


def test_arguments() -> None:
    """The arguments are those of the generator function, and invalid ones raise Python's own error."""
    assert [2, 3] == list(rows(4, start=2))
    with pytest.raises(TypeError, match=r"^rows\(\) got an unexpected keyword argument 'end'$"):
        rows(end=5)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"^Table\.method\(\) takes 1 positional argument but 2 were given$"):
        Table().method(1)  # type: ignore[call-arg]


# -- What stays unchanged


@pytest.mark.parametrize(
    "function",
    [
        rows,
        Table.method,
        Table().method,
        Table.class_method,
        async_unsafe(functools.partial(rows.__wrapped__, 1)),  # type: ignore[attr-defined]
        functools.partial(rows, 1),
    ],
)
def test_is_a_generator_function(function: Any) -> None:
    """For ``inspect`` it stays a generator function, and is no coroutine function."""
    assert inspect.isgeneratorfunction(function)
    assert not inspect.iscoroutinefunction(function)
    assert not inspect.isasyncgenfunction(function)


def test_attributes_of_the_function() -> None:
    """The generator function keeps its names, documentation and signature."""
    original = rows.__wrapped__  # type: ignore[attr-defined]
    names = ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__", "__defaults__", "__kwdefaults__")
    assert [getattr(original, each) for each in names] == [getattr(rows, each) for each in names]
    assert inspect.signature(original) == inspect.signature(rows)
    assert inspect.getsource(original) == inspect.getsource(rows)
    assert "(self) -> 'Iterator[int]'" == str(inspect.signature(Table.method))
    assert "() -> 'Iterator[int]'" == str(inspect.signature(Table().method))


def test_attributes_of_the_generator() -> None:
    """Its result has the attributes and the states of a generator."""
    made: Any = echo([])
    assert issubclass(type(made), Generator)
    assert iter(made) is made
    assert ("echo", "echo") == (made.__name__, made.__qualname__)
    assert echo.__code__ is made.gi_code
    assert inspect.GEN_CREATED == inspect.getgeneratorstate(made)
    next(made)
    assert inspect.GEN_SUSPENDED == inspect.getgeneratorstate(made)
    made.close()
    assert (inspect.GEN_CLOSED, None) == (inspect.getgeneratorstate(made), made.gi_frame)
    assert "<async_unsafe generator echo>" == repr(made)
    assert made is weakref.ref(made)()
    with pytest.raises(AttributeError, match="missing"):
        getattr(made, "missing")  # noqa: B009 - the type checker knows that it is not there


def test_binding() -> None:
    """Only a generator function binds to an instance; a partial of one, or a bound method, does not."""

    class Example:
        stop = 3

        @async_unsafe
        def method(self) -> Iterator[int]:
            yield self.stop

        partial: Any = staticmethod(async_unsafe(functools.partial(rows.__wrapped__, 2)))  # type: ignore[attr-defined]
        bound: Any = async_unsafe(Table().method)

    example = Example()
    assert ([3], [3]) == (list(example.method()), list(Example.method(example)))
    assert ([0, 1], [0, 1]) == (list(example.partial()), list(example.bound()))
    assert example.method == example.method
    assert example.method.__self__ is example  # type: ignore[attr-defined]


def test_sends_throws_and_returns() -> None:
    """Values are sent and yielded, errors thrown into it, and it returns a value, as with ``yield from``."""
    log: list[object] = []

    def outer() -> Generator[object, object, list[object]]:
        return [(yield from echo(log)), "outer"]

    made = outer()
    assert ["first", "second"] == [next(made), made.send("second")]
    assert "caught" == made.throw(IndexError())
    with pytest.raises(StopIteration) as stopped:
        made.send(None)
    assert (["returned", "outer"], ["thrown", "end"]) == (stopped.value.value, log)


def test_unhandled_error() -> None:
    """An error that its code does not catch propagates, and ends it."""
    log: list[object] = []
    made = echo(log)
    next(made)
    with pytest.raises(ZeroDivisionError):
        made.throw(ZeroDivisionError())
    assert (["end"], []) == (log, list(made))


def test_close() -> None:
    """Closing it runs the end of its code, once."""
    log: list[object] = []
    made = echo(log)
    next(made)
    made.close()
    made.close()
    assert ["end"] == log


def test_collected() -> None:
    """An unfinished generator is closed when it is garbage-collected, as usual."""
    log: list[object] = []
    made = echo(log)
    next(made)
    del made
    gc.collect()
    assert ["end"] == log


# -- Where generators are used


@contextlib.contextmanager
@async_unsafe
def transaction(log: list[str]) -> Iterator[str]:
    """Log the start and the end."""
    log.append("begin")
    try:
        yield "connection"
    except LookupError:
        log.append("rolled back")
    else:
        log.append("committed")


def test_context_manager() -> None:
    """``contextlib.contextmanager`` above the decorator works, with and without an error in the block."""
    log: list[str] = []
    with transaction(log) as connection:
        log.append(connection)
    with transaction(log):
        raise LookupError
    with pytest.raises(ZeroDivisionError), transaction(log):
        raise ZeroDivisionError
    assert ["begin", "connection", "committed", "begin", "rolled back", "begin"] == log


def test_context_manager_on_a_loop() -> None:
    """It cannot be entered on a loop; entered elsewhere, it cannot be exited there, but can be exited elsewhere."""
    log: list[str] = []
    refusal_of(lambda: transaction(log).__enter__())
    assert [] == log
    manager = transaction(log)
    manager.__enter__()
    refusal_of(manager.__exit__, None, None, None)
    assert ["begin"] == log
    manager.__exit__(None, None, None)
    assert ["begin", "committed"] == log


FIXTURE_LOG: list[str] = []


@pytest.fixture
@async_unsafe
def connection(tmp_path: object) -> Iterator[str]:
    """Yield as a fixture."""
    FIXTURE_LOG.append("opened")
    yield "connection"
    FIXTURE_LOG.append("closed")


def test_pytest_fixture(connection: str) -> None:
    """A guarded generator function is a fixture that yields."""
    assert ("connection", ["opened"]) == (connection, FIXTURE_LOG)


def test_pytest_fixture_was_closed() -> None:
    """The code after its ``yield`` has been run by pytest."""
    assert ["opened", "closed"] == FIXTURE_LOG


@pytest.mark.parametrize(
    ("consume", "result"),
    [
        (list, [0, 1, 2, 3, 4]),
        (sum, 10),
        (collections.deque, collections.deque(range(5))),
        (lambda made: list(zip(made, made, strict=False)), [(0, 1), (2, 3)]),
        (lambda made: dict.fromkeys(made), dict.fromkeys(range(5))),  # noqa: PLW0108 - a lambda is what iterates
        (lambda made: list(itertools.chain(made, [5])), [0, 1, 2, 3, 4, 5]),
        (lambda made: list(map(str, made)), ["0", "1", "2", "3", "4"]),
        (lambda made: 3 in made, True),
    ],
)
def test_consumers(consume: Callable[[Iterator[int]], object], result: object) -> None:
    """Whatever accepts an iterator accepts a guarded generator."""
    assert result == consume(rows())
