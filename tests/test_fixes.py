"""The fix in a report: each one is carried out here, and works."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import pytest
import trio
from _guarding import listening
from asgiref.sync import sync_to_async

from ginger_async_safe import SynchronousOnlyOperation, async_unsafe, configure

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from _running import OnLoop


@async_unsafe
def blocking(*_: object) -> int:
    """Record the thread that runs this."""
    return threading.get_ident()


@async_unsafe
def rows(*_: object) -> Iterator[int]:
    """Record it twice."""
    yield threading.get_ident()
    yield threading.get_ident()


class Account:
    """Attributes of every kind, marked and unmarked."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    @property
    def balance(self) -> int:
        """Marked."""
        return threading.get_ident()

    @balance.setter
    def balance(self, value: int) -> None:
        self.threads.append(threading.get_ident())

    @balance.deleter
    def balance(self) -> None:
        self.threads.append(threading.get_ident())

    @cached_property
    def history(self) -> int:
        """Marked."""
        return threading.get_ident()

    def pay(self, amount: int) -> int:
        """Marked."""
        return threading.get_ident()

    @property
    def total(self) -> int:
        """The user's own property, which makes a marked call."""
        return blocking()

    @total.setter
    def total(self, value: int) -> None:
        self.threads.append(blocking())

    @total.deleter
    def total(self) -> None:
        self.threads.append(blocking())

    worth = property(lambda self: blocking())

    def _get_sum(self) -> int:
        return blocking()

    sum = property(_get_sum)


async_unsafe.guard(Account, "balance", "history", "pay")


@contextmanager
def till() -> Iterator[int]:
    """Make a guarded call when the block is entered."""
    yield blocking()


def user_rows(count: int) -> Iterator[int]:
    """Yield the result of a guarded call."""
    for _ in range(count):
        yield blocking()


def user_function(first: int, second: int = 0) -> int:
    """Return the result of a guarded call."""
    return blocking(first, second)


def enter_till() -> int:
    """Enter a block."""
    with till() as thread:
        return thread


async def framework(function: Callable[[], int]) -> int:
    """Call back."""
    return function()


async def call_function(_: Account) -> object:
    """Call a marked function."""
    return blocking(1, 2)


async def call_method(account: Account) -> object:
    """Call a marked method."""
    return account.pay(1)


async def call_user_function(_: Account) -> object:
    """Call a function that makes the marked call."""
    return user_function(1, second=2)


async def call_back(_: Account) -> object:
    """Have such a function called back."""
    return await framework(enter_till)


async def call_lambda(_: Account) -> object:
    """Call a function without a name."""
    return (lambda: blocking())()  # noqa: PLC3002, PLW0108 - in its own frame


async def iterate(_: Account) -> object:
    """Iterate over a marked generator."""
    return list(rows(1))


async def iterate_users(_: Account) -> object:
    """Iterate over a generator that uses it."""
    return [each for each in user_rows(2)]  # noqa: C416 - in its own frame, before Python 3.12


async def loop_over_users(_: Account) -> object:
    """Iterate with a statement."""
    for each in user_rows(2):
        return each
    return None


async def enter(_: Account) -> object:
    """Enter a block that makes a guarded call."""
    with till() as thread:
        return thread


async def get(account: Account) -> object:
    """Read a marked property."""
    return account.balance


async def get_cached(account: Account) -> object:
    """Read a marked cached property."""
    return account.history


async def set_(account: Account) -> None:
    """Set a marked property."""
    account.balance = 3


async def delete(account: Account) -> None:
    """Delete a marked property."""
    del account.balance


async def get_users(account: Account) -> object:
    """Read the user's own property."""
    return account.total


async def set_users(account: Account) -> None:
    """Set it."""
    account.total = 3


async def delete_users(account: Account) -> None:
    """Delete it."""
    del account.total


async def get_nameless(account: Account) -> object:
    """Read a property whose function has no name."""
    return account.worth


async def get_renamed(account: Account) -> object:
    """Read a property whose function has another name."""
    return account.sum


FIXES: list[tuple[Callable[[Account], Coroutine[Any, Any, object]], str, str, tuple[str, ...]]] = [
    (call_function, "sync_to_async(blocking)(...)", "blocking, ...", ("1, 2",)),
    (call_method, "sync_to_async(pay)(...)", "pay, ...", ("1",)),
    (call_user_function, "sync_to_async(user_function)(...)", "user_function, ...", ("1, 2",)),
    (call_back, "sync_to_async(enter_till)(...)", "enter_till, ...", ("",)),
    (call_lambda, "sync_to_async(lambda: ...)()", "lambda: ...", ("blocking()",)),
    (iterate, "sync_to_async(lambda: list(rows(...)))()", "lambda: list(rows(...))", ("1",)),
    (loop_over_users, "sync_to_async(lambda: list(user_rows(...)))()", "lambda: list(user_rows(...))", ("2",)),
    (enter, "sync_to_async(lambda: ...)()", "lambda: ...", ("enter_till()",)),
    (get, 'sync_to_async(getattr)(..., "balance")', 'getattr, ..., "balance"', ("account",)),
    (get_cached, "sync_to_async(lambda: ...)()", "lambda: ...", ("account.history",)),
    (set_, 'sync_to_async(setattr)(..., "balance", ...)', 'setattr, ..., "balance", ...', ("account", "3")),
    (delete, 'sync_to_async(delattr)(..., "balance")', 'delattr, ..., "balance"', ("account",)),
    (get_users, 'sync_to_async(getattr)(..., "total")', 'getattr, ..., "total"', ("account",)),
    (set_users, 'sync_to_async(setattr)(..., "total", ...)', 'setattr, ..., "total", ...', ("account", "3")),
    (delete_users, 'sync_to_async(delattr)(..., "total")', 'delattr, ..., "total"', ("account",)),
    (get_nameless, "sync_to_async(lambda: ...)()", "lambda: ...", ("account.worth",)),
    (get_renamed, "sync_to_async(lambda: ...)()", "lambda: ...", ("account.sum",)),
]
"""What is done, the fix on asyncio, the arguments of the fix on trio, and what a user writes for each ``...``."""


async def carry_out(fix: str, blanks: tuple[str, ...], account: Account) -> object:
    """Do what a fix says, in an async function, with the dots filled in."""
    for each in blanks:
        fix = fix.replace("...", each, 1)
    assert "..." not in fix
    names = {**globals(), "account": account, "pay": account.pay, "sync_to_async": sync_to_async, "trio": trio}
    if fix.startswith("loop."):
        names["loop"] = asyncio.get_running_loop()
        fix = f"await {fix}"
    exec(f"async def fixed():\n    return {fix}", names)
    return await names["fixed"]()


def threads(account: Account, result: object) -> set[object]:
    """Return the threads in which a fixed call ran."""
    return {*(result if isinstance(result, list) else [result]), *account.threads} - {None}


class TestFix:
    """Each fix in a report is carried out here, and works."""

    @pytest.mark.parametrize(
        ("function", "on_asyncio", "on_trio", "blanks"), [pytest.param(*each, id=each[0].__name__) for each in FIXES]
    )
    def test_in_a_task(
        self,
        function: Callable[[Account], Coroutine[Any, Any, object]],
        on_asyncio: str,
        on_trio: str,
        blanks: tuple[str, ...],
        on_loop: OnLoop,
    ) -> None:
        """In an async function, it moves what that function called to a thread."""

        async def main() -> tuple[str, str, set[object]]:
            account = Account()
            with pytest.raises(SynchronousOnlyOperation) as caught:
                await function(account)
            violation = caught.value.violation
            assert violation is not None
            return violation.library, violation.fix, threads(account, await carry_out(violation.fix, blanks, account))

        library, fix, ran_in = on_loop(main)
        expected = f"await {on_asyncio}" if library == "asyncio" else f"await trio.to_thread.run_sync({on_trio})"
        assert expected == fix
        assert len(ran_in) == 1
        assert threading.get_ident() not in ran_in

    def test_of_a_comprehension(self, on_loop: OnLoop) -> None:
        """A comprehension has a frame of its own before Python 3.12; the fix works in either case."""
        inlined = sys.version_info >= (3, 12)

        async def main() -> tuple[str, object]:
            account = Account()
            with pytest.raises(SynchronousOnlyOperation) as caught:
                await iterate_users(account)
            assert caught.value.violation is not None
            fix = caught.value.violation.fix
            return fix, await carry_out(fix, ("2" if inlined else "[each for each in user_rows(2)]",), account)

        fix, result = on_loop(main)
        assert ("list(user_rows(...))" if inlined else "lambda: ...") in fix
        assert isinstance(result, list)
        assert threading.get_ident() not in result

    @pytest.mark.parametrize(
        ("callback", "expected", "blanks"),
        [
            (partial(blocking, 1), "loop.run_in_executor(None, blocking, ...)", ("1",)),
            (partial(user_function, 1), "loop.run_in_executor(None, user_function, ...)", ("1",)),
            (enter_till, "loop.run_in_executor(None, enter_till, ...)", ("",)),
            (lambda: blocking(), "loop.run_in_executor(None, lambda: ...)", ("blocking()",)),  # noqa: PLW0108 - as tested
            (rows, "loop.run_in_executor(None, lambda: list(rows(...)))", ("1",)),
        ],
        ids=["marked", "function", "function without arguments", "lambda", "generator"],
    )
    def test_in_a_callback(
        self, callback: Callable[[], object], expected: str, blanks: tuple[str, ...], on_asyncio_loop: OnLoop
    ) -> None:
        """In a callback, which cannot await, it makes the loop call a thread."""
        configure(policy="ignore")

        async def main() -> tuple[str, set[object]]:
            account = Account()
            with listening() as heard:
                asyncio.get_running_loop().call_soon(callback)
                await asyncio.sleep(0)
            (violation,) = heard
            return violation.fix, threads(account, await carry_out(violation.fix, blanks, account))

        fix, ran_in = on_asyncio_loop(main)
        assert expected == fix
        assert len(ran_in) == 1
        assert threading.get_ident() not in ran_in

    @pytest.mark.parametrize("fix", ["await shop.aconnect(...)", "", "see {docs} → %s, 100 %"])
    def test_fix(self, fix: str, on_loop: OnLoop) -> None:
        """The owner's own fix is printed unchanged, on every loop, also instead of a known fix."""
        call = async_unsafe(fix=fix)(lambda: None)

        async def main() -> None:
            call()

        with pytest.raises(SynchronousOnlyOperation) as caught:
            on_loop(main)
        assert f"  fix       {fix}" == str(caught.value).splitlines()[-1]
