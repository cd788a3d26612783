"""What ``allow_async_unsafe`` allows. Its limits are tested in test_grants_leaks.py."""

from __future__ import annotations

import asyncio
import functools
import inspect
import sys
import warnings
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
)
from typing import TYPE_CHECKING, Any

import anyio.lowlevel
import pytest
from _effects import blocking, explained, guarded, is_stopped
from _guarding import called_in_task
from sqlalchemy.util import await_only, greenlet_spawn

from ginger_async_safe import (
    ConfigurationError,
    SynchronousOnlyOperation,
    UnusedGrantWarning,
    allow_async_unsafe,
    configure,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from types import TracebackType

    from _running import OnLoop


async def look_below() -> bool:
    """Look in a coroutine that is awaited."""
    return is_stopped()


# -- Ways to hold a grant; each returns what is allowed inside


async def with_block() -> bool:
    """Hold a grant by ``with``."""
    with allow_async_unsafe():
        return is_stopped()


async def async_with_block() -> bool:
    """Hold a grant by ``async with``."""
    async with allow_async_unsafe():
        return is_stopped()


async def decorated_function() -> bool:
    """Hold a grant by decorating a function."""
    return allow_async_unsafe()(is_stopped)()


async def decorated_coroutine_function() -> bool:
    """Hold a grant by decorating a coroutine function."""
    return await allow_async_unsafe()(look_below)()


async def decorated_method() -> bool:
    """Hold a grant by decorating a method."""

    class Shop:
        @allow_async_unsafe()
        def look(self) -> bool:
            return is_stopped()

        @classmethod
        @allow_async_unsafe()
        async def look_async(cls) -> bool:
            return is_stopped()

        @staticmethod
        @allow_async_unsafe()
        def look_static() -> bool:
            return is_stopped()

    return Shop().look() or await Shop.look_async() or Shop.look_static()


async def block_in_a_function_below() -> bool:
    """Hold a grant in a sync function that the task calls."""

    def below() -> bool:
        with allow_async_unsafe():
            return is_stopped()

    return below()


async def exit_stack() -> bool:
    """Hold a grant on an exit stack."""
    with ExitStack() as stack:
        stack.enter_context(allow_async_unsafe())
        return is_stopped()


async def async_exit_stack() -> bool:
    """Hold a grant on an async exit stack, entered either way."""
    async with AsyncExitStack() as stack:
        stack.enter_context(allow_async_unsafe(calls="elsewhere.*"))
        await stack.enter_async_context(allow_async_unsafe())
        return is_stopped()


@contextmanager
def helper() -> Iterator[None]:
    """Grant in the block of the calling code."""
    with allow_async_unsafe():
        yield


@contextmanager
def helper_of_helper() -> Iterator[None]:
    """Pass it on through another context manager."""
    with helper():
        yield


@asynccontextmanager
async def async_helper() -> AsyncIterator[None]:
    """Pass it on to an ``async with``."""
    async with allow_async_unsafe():
        yield


@asynccontextmanager
async def mixed_helper() -> AsyncIterator[None]:
    """Pass it on through every kind of context manager."""
    await anyio.lowlevel.checkpoint()
    with helper_of_helper():
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(async_helper())
            yield


class Helper(AbstractContextManager[None]):
    """Grant in a context manager class."""

    def __init__(self) -> None:
        self._grant = allow_async_unsafe()

    def __enter__(self) -> None:
        self._grant.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._grant.__exit__(kind, error, traceback)


class AsyncHelper(AbstractAsyncContextManager[None]):
    """Grant in an async context manager class."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> None:
        await self._stack.enter_async_context(async_helper())

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()


async def with_helper(held: Callable[[], AbstractContextManager[None]]) -> bool:
    """Hold a grant through a context manager, alone and on an exit stack."""
    with held():
        seen = is_stopped() or await look_below()
    with ExitStack() as stack:
        stack.enter_context(held())
        return seen or is_stopped() or await look_below()


async def with_async_helper(held: Callable[[], AbstractAsyncContextManager[None]]) -> bool:
    """Hold a grant through an async context manager, alone and on an exit stack."""
    async with held():
        seen = is_stopped() or await look_below()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(held())
        return seen or is_stopped() or await look_below()


async def decorated_by_helper() -> bool:
    """Hold a grant by decorating a function with a context manager."""
    return helper()(is_stopped)()


async def decorated_by_async_helper() -> bool:
    """Hold a grant by decorating a coroutine function with an async context manager."""
    return await async_helper()(look_below)()


async def stack_of_a_function_that_returned() -> bool:
    """Hold a grant that a function entered on an exit stack for its caller."""

    def enter(stack: AsyncExitStack) -> None:
        stack.enter_context(helper())

    async with AsyncExitStack() as stack:
        enter(stack)
        return is_stopped()


@contextmanager
def filled_helper() -> Iterator[None]:
    """Grant with a grant that another function has entered."""

    def fill() -> ExitStack:
        stack = ExitStack()
        stack.enter_context(allow_async_unsafe())
        return stack

    with fill():
        yield


async def stack_of_a_coroutine_that_returned() -> bool:
    """Hold a grant that a coroutine entered on an exit stack for its caller, as FastAPI does for dependencies."""

    async def enter(stack: AsyncExitStack) -> None:
        await stack.enter_async_context(async_helper())

    async with AsyncExitStack() as stack:
        await enter(stack)
        return is_stopped()


ways = pytest.mark.parametrize(
    "way",
    [
        with_block,
        async_with_block,
        decorated_function,
        decorated_coroutine_function,
        decorated_method,
        block_in_a_function_below,
        exit_stack,
        async_exit_stack,
        pytest.param(functools.partial(with_helper, helper), id="contextmanager"),
        pytest.param(functools.partial(with_helper, helper_of_helper), id="contextmanager in another"),
        pytest.param(functools.partial(with_helper, filled_helper), id="contextmanager that another function filled"),
        pytest.param(functools.partial(with_helper, Helper), id="class"),
        pytest.param(functools.partial(with_async_helper, async_helper), id="asynccontextmanager"),
        pytest.param(functools.partial(with_async_helper, mixed_helper), id="all kinds in one"),
        pytest.param(functools.partial(with_async_helper, AsyncHelper), id="async class"),
        decorated_by_helper,
        decorated_by_async_helper,
        stack_of_a_function_that_returned,
        stack_of_a_coroutine_that_returned,
    ],
)


class TestBlock:
    """A grant applies while its block runs."""

    @ways
    def test_applies_in_the_block(self, way: Callable[[], Coroutine[Any, Any, bool]], on_loop: OnLoop) -> None:
        """Guarded calls run inside the block, and are stopped before and after it."""

        async def main() -> list[bool]:
            return [is_stopped(), await way(), is_stopped(), "grant" in explained()]

        assert [True, False, True, False] == on_loop(main)

    @ways
    def test_applies_at_the_root_of_a_task(
        self, way: Callable[[], Coroutine[Any, Any, bool]], on_asyncio_loop: OnLoop
    ) -> None:
        """The same is true if the block is in the coroutine of the task itself."""

        async def main() -> list[bool]:
            return [await asyncio.create_task(way()), is_stopped()]

        assert [False, True] == on_asyncio_loop(main)

    @pytest.mark.parametrize("decorator", [allow_async_unsafe(), async_helper()])
    def test_decorated_coroutine_function_as_a_task(
        self, decorator: Callable[[Callable[[], Coroutine[Any, Any, bool]]], Any], on_asyncio_loop: OnLoop
    ) -> None:
        """A decorated coroutine function may itself be the task."""

        async def main() -> list[bool]:
            return [await asyncio.create_task(decorator(look_below)()), is_stopped()]

        assert [False, True] == on_asyncio_loop(main)

    def test_however_deep(self, on_loop: OnLoop) -> None:
        """It applies to what the block calls and awaits, at any depth, and while the loop runs other tasks in between."""

        def down(depth: int) -> bool:
            return is_stopped() if depth == 0 else down(depth - 1)

        async def down_async(depth: int) -> bool:
            if depth == 0:
                await anyio.lowlevel.checkpoint()
                return down(50)
            return await down_async(depth - 1)

        async def main() -> bool:
            with allow_async_unsafe():
                return await down_async(50)

        assert not on_loop(main)

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="wait_for starts a task of its own before Python 3.12")
    def test_wait_for(self, on_asyncio_loop: OnLoop) -> None:
        """It applies below ``asyncio.wait_for`` and ``asyncio.timeout``, which stay in the task."""

        async def main() -> list[bool]:
            with allow_async_unsafe():
                seen = [await asyncio.wait_for(look_below(), 20)]
                async with asyncio.timeout(20):  # type: ignore[attr-defined,unused-ignore]
                    return [*seen, await look_below()]

        assert [False, False] == on_asyncio_loop(main)

    def test_greenlet_spawn(self, on_asyncio_loop: OnLoop) -> None:
        """It applies to what SQLAlchemy's ``greenlet_spawn`` runs for the block, both sync and awaited code."""

        def work() -> list[bool]:
            return [is_stopped(), await_only(look_below()), is_stopped()]

        async def main() -> list[bool]:
            with allow_async_unsafe():
                seen: list[bool] = await greenlet_spawn(work)
            return [*seen, *await greenlet_spawn(work)]

        assert [False] * 3 + [True] * 3 == on_asyncio_loop(main)

    def test_block_in_greenlet_spawn(self, on_asyncio_loop: OnLoop) -> None:
        """A block inside such a greenlet applies to its sync code; what it passes out to be awaited is outside."""

        def work() -> list[bool]:
            with allow_async_unsafe():
                seen = [is_stopped(), await_only(look_below()), is_stopped()]
            return [*seen, is_stopped()]

        async def main() -> list[bool]:
            seen: list[bool] = await greenlet_spawn(work)
            return [*seen, is_stopped()]

        assert [False, True, False, True, True] == on_asyncio_loop(main)

    def test_no_loop(self) -> None:
        """If no loop runs, entering and exiting a block changes nothing."""
        with allow_async_unsafe() as grant:
            blocking()
        assert (0, False) == (grant.matched, "grant" in explained())

    def test_error_propagates(self) -> None:
        """An error propagates out of the block unchanged."""
        error = KeyError("mine")

        def block() -> None:
            with allow_async_unsafe():
                raise error

        with pytest.raises(KeyError) as caught:
            called_in_task(block)
        assert error is caught.value


class TestCalls:
    """A grant may be limited to some calls."""

    @pytest.mark.parametrize(
        ("calls", "expected"),
        [
            ("*", [False, False]),
            ("shop.*", [False, True]),
            (["bank.*"], [True, False]),
            ("shop.*, bank.*", [False] * 2),
        ],
    )
    def test_limits(self, calls: str | list[str], expected: list[bool], on_loop: OnLoop) -> None:
        """Only the calls that match are allowed."""
        both = [guarded("shop.db.connect"), guarded("bank.pay")]

        async def main() -> list[bool]:
            with allow_async_unsafe(calls=calls):
                return [is_stopped(each) for each in both]

        assert expected == on_loop(main)

    def test_nested(self) -> None:
        """Nested blocks add up, and the end of the inner one does not change the outer one."""
        both = [guarded("shop.db.connect"), guarded("bank.pay")]

        def look() -> list[bool]:
            return [is_stopped(each) for each in both]

        def blocks() -> list[list[bool]]:
            with allow_async_unsafe(calls="shop.*"):
                seen = [look()]
                with allow_async_unsafe(calls="bank.*"):
                    seen.append(look())
                return [*seen, look()]

        assert [[False, True], [False, False], [False, True]] == called_in_task(blocks)

    def test_nested_in_itself(self) -> None:
        """One grant may be entered again inside its own block."""
        grant = allow_async_unsafe()

        def blocks() -> list[bool]:
            with grant:
                with grant:
                    seen = [is_stopped()]
                seen.append(is_stopped())
            return [*seen, is_stopped()]

        assert [False, False, True] == called_in_task(blocks)

    def test_recursion(self) -> None:
        """A decorated function may call itself."""

        @allow_async_unsafe()
        def down(depth: int) -> list[bool]:
            return [is_stopped()] if depth == 0 else [*down(depth - 1), is_stopped()]

        assert [False] * 4 == called_in_task(lambda: down(3))

    def test_count(self) -> None:
        """The innermost block that allows a call counts it."""
        both = [guarded("shop.db.connect"), guarded("bank.pay")]

        def blocks() -> list[int]:
            with (
                allow_async_unsafe(reason="all") as outer,
                allow_async_unsafe(reason="shop", calls="shop.*") as inner,
                allow_async_unsafe(reason="nothing", calls="elsewhere.*") as innermost,
            ):
                for each in (*both, both[0]):
                    each()
                return [outer.matched, inner.matched, innermost.matched]

        assert [1, 2, 0] == called_in_task(blocks)

    def test_malformed(self) -> None:
        """A malformed pattern is refused where the grant is created, not where it is used."""
        with pytest.raises(ConfigurationError, match=r"^'shop\.\.db' is not a pattern for guarded calls; "):

            @allow_async_unsafe(calls="shop..db")
            def never() -> None:
                raise NotImplementedError


class TestExplained:
    """``explain()`` shows the open grants of its thread."""

    def test_rows(self) -> None:
        """Each is shown with its calls, its reason and its use, the outermost first."""

        def blocks() -> list[str]:
            with allow_async_unsafe(reason="moving to async in June"), allow_async_unsafe(calls="_effects.*, shop.*"):
                blocking()
                blocking()
                return explained()["grant"]

        assert [
            "*   moving to async in June (unused so far)",
            "_effects.*, shop.*   no reason given (used 2 times)",
        ] == called_in_task(blocks)


class TestDecorator:
    """A decorated function is unchanged, except for the grant."""

    def test_function(self) -> None:
        """It keeps its name, docstring, signature and annotations."""

        def pay(amount: int, /, *, into: str = "till") -> str:
            """Take the money."""
            return f"{amount} into {into}"

        granted = allow_async_unsafe(reason="old")(pay)
        for name in ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__"):
            assert getattr(pay, name) == getattr(granted, name)
        assert inspect.signature(pay) == inspect.signature(granted)
        assert pay is inspect.unwrap(granted)
        assert granted(3, into="bag") == "3 into bag"
        assert not inspect.iscoroutinefunction(granted)

    def test_coroutine_function(self) -> None:
        """A coroutine function stays one."""
        granted = allow_async_unsafe()(look_below)
        assert inspect.iscoroutinefunction(granted)
        assert look_below is inspect.unwrap(granted)
        assert inspect.signature(look_below) == inspect.signature(granted)

    def test_partial_of_a_coroutine_function(self) -> None:
        """A partial of a coroutine function stays one, too."""
        granted = allow_async_unsafe()(functools.partial(look_below))
        assert not asyncio.run(granted())

    def test_error_propagates(self, on_loop: OnLoop) -> None:
        """An error of the function propagates, and the grant has ended."""

        @allow_async_unsafe()
        async def fail() -> None:
            raise KeyError

        async def main() -> bool:
            with pytest.raises(KeyError):
                await fail()
            return is_stopped()

        assert on_loop(main)

    def test_generator_function(self) -> None:
        """A generator function is refused, with the fix: a grant inside of it."""

        def rows() -> Iterator[int]:
            yield 1

        with pytest.raises(TypeError) as caught:
            allow_async_unsafe()(rows)
        assert (
            "allow_async_unsafe cannot decorate the generator function "
            "TestDecorator.test_generator_function.<locals>.rows, "
            "which runs in pieces; put `with allow_async_unsafe(...):` inside it"
        ) == str(caught.value)

    def test_async_generator_function(self) -> None:
        """An async generator function is, too."""

        async def rows() -> AsyncIterator[int]:
            yield 1

        with pytest.raises(
            TypeError, match=r"cannot decorate the generator function .*rows, which runs in pieces; put"
        ):
            allow_async_unsafe()(rows)

    def test_partial_of_a_generator_function(self) -> None:
        """A partial of a generator function is, too."""

        def rows(number: int) -> Iterator[int]:
            yield number

        with pytest.raises(TypeError, match="cannot decorate the generator function partial, which runs in pieces;"):
            allow_async_unsafe()(functools.partial(rows, 1))

    def test_class(self) -> None:
        """A class is, too: it would become a function."""
        with pytest.raises(TypeError) as caught:
            allow_async_unsafe()(Helper)
        assert ("allow_async_unsafe cannot decorate the class Helper; put it above the methods that need it") == str(
            caught.value
        )

    @pytest.mark.parametrize("kind", [classmethod, staticmethod, property])
    def test_descriptor(self, kind: type[Any]) -> None:
        """A descriptor is, too: it would no longer bind; the other order of decorators works."""
        with pytest.raises(TypeError) as caught:
            allow_async_unsafe()(kind(is_stopped))
        assert (
            f"allow_async_unsafe decorates functions, and {kind.__name__} is not one; put it below @{kind.__name__}"
        ) == str(caught.value)

    @pytest.mark.parametrize(("value", "kind"), [(5, "int"), (None, "NoneType"), ("reason", "str")])
    def test_not_callable(self, value: Any, kind: str) -> None:
        """What cannot be called is, too."""
        with pytest.raises(TypeError) as caught:
            allow_async_unsafe()(value)
        assert f"allow_async_unsafe decorates functions, and {kind} is not one" == str(caught.value)

    def test_without_parentheses(self) -> None:
        """``@allow_async_unsafe`` without parentheses fails at once, at decoration."""
        with pytest.raises(TypeError):

            @allow_async_unsafe  # type: ignore[call-arg,arg-type]
            def never() -> None:
                raise NotImplementedError


class TestUnused:
    """A grant that allowed no call can be reported."""

    @staticmethod
    def unused(calls: str = "*") -> None:
        """Hold a grant that allows no call."""
        with allow_async_unsafe(reason="old", calls=calls):
            pass

    def test_off_by_default(self) -> None:
        """Without the setting, there is no warning."""
        called_in_task(self.unused)

    def test_enabled(self) -> None:
        """With the setting, a block that allowed no call warns at its end."""
        configure(report_unused_grants=True)
        with pytest.warns(UnusedGrantWarning) as caught:
            called_in_task(functools.partial(self.unused, "shop.*, bank.pay"))
        assert ["allow_async_unsafe(reason='old', calls='shop.*, bank.pay') allowed no call: remove it"] == [
            str(each.message) for each in caught
        ]

    @pytest.mark.parametrize("source", ["environment", "file"])
    def test_enabled_elsewhere(self, source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
        """The environment and pyproject.toml can enable it, too."""
        if source == "environment":
            monkeypatch.setenv("GINGER_ASYNC_SAFE", "report_unused_grants=true")
        else:
            (tmp_path / "pyproject.toml").write_text(
                "[tool.ginger_async_safe]\nreport_unused_grants = true\n", encoding="utf-8"
            )
        with pytest.warns(UnusedGrantWarning):
            called_in_task(self.unused)

    @pytest.mark.parametrize(
        "way", [with_block, async_with_block, decorated_function, decorated_coroutine_function, decorated_by_helper]
    )
    def test_used(self, way: Callable[[], Coroutine[Any, Any, bool]]) -> None:
        """A block that allowed a call is not reported."""
        configure(report_unused_grants=True)
        assert not asyncio.run(way())  # a warning would be an error here

    def test_used_outside_loops(self) -> None:
        """A call that needed no grant has not used one."""
        configure(report_unused_grants=True)
        with pytest.warns(UnusedGrantWarning), allow_async_unsafe():
            blocking()

    def test_used_by_an_inner_block(self) -> None:
        """A call that an inner block allowed has not used the outer one."""
        configure(report_unused_grants=True)

        def blocks() -> None:
            with allow_async_unsafe(reason="outer"), allow_async_unsafe(reason="inner"):
                blocking()

        with pytest.warns(UnusedGrantWarning, match="reason='outer'") as caught:
            called_in_task(blocks)
        assert len(caught) == 1

    @pytest.mark.parametrize("kind", ["with", "async with", "decorator", "contextmanager", "exit stack"])
    def test_place(self, kind: str) -> None:
        """The warning names the user's file, however the grant was held."""

        async def block() -> None:
            if kind == "with":
                with allow_async_unsafe():
                    pass
            elif kind == "async with":
                async with allow_async_unsafe():
                    pass
            elif kind == "decorator":
                allow_async_unsafe()(len)("")
            elif kind == "contextmanager":
                with helper():
                    pass
            else:
                with ExitStack() as stack:
                    stack.enter_context(allow_async_unsafe())

        configure(report_unused_grants=True)
        with pytest.warns(UnusedGrantWarning) as caught:
            asyncio.run(block())
        assert [__file__] == [each.filename for each in caught]

    def test_broken_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An invalid setting does not make a block fail; violations report it."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "report_unused_grants=maybe")
        called_in_task(self.unused)
        self.unused()

    def test_once_a_place(self) -> None:
        """A block that runs often is reported once, by Python's default filter."""
        configure(report_unused_grants=True)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            for _ in range(100):
                called_in_task(self.unused)
            self.unused("elsewhere.*")
        assert ["calls='*'", "calls='elsewhere.*'"] == [str(each.message).split()[1].rstrip(")") for each in caught]

    def test_while_warnings_are_errors(self) -> None:
        """If warnings are errors, the warning is raised at the end of the block, which has ended then."""
        configure(report_unused_grants=True)

        def block() -> list[bool]:
            with pytest.raises(UnusedGrantWarning):
                self.unused()
            return [is_stopped(), "grant" not in explained()]

        assert [True, True] == called_in_task(block)

    def test_failed_block(self) -> None:
        """A block that raises an error is not reported: it may not have reached its call, and its error matters more."""
        configure(report_unused_grants=True)

        def block() -> None:
            with allow_async_unsafe(calls="elsewhere.*"):
                blocking()

        with pytest.raises(SynchronousOnlyOperation) as caught:
            called_in_task(block)
        assert caught.value.__context__ is None
