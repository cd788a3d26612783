"""What a user's editor and type checker know about guarded callables. Checked by mypy and pyright, never run."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Generator, Iterator
from typing import Any

from typing_extensions import assert_type

from ginger_async_safe import (
    Violation,
    allow_async_unsafe,
    async_unsafe,
    configure,
    current_async_library,
    in_async_context,
)


@async_unsafe
def function(a: int, b: str = "", /, *, c: bool = False) -> list[int]:
    return [a, len(b), c]


assert_type(function(1), list[int])
assert_type(function(1, "b", c=True), list[int])
function("1")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
function(1, d=True)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


@async_unsafe("Ask through the pool.")
def with_message(a: int) -> int:
    return a


@async_unsafe(message="Ask through the pool.", fix="await pool.ask(...)")
def with_message_and_use(a: int) -> int:
    return a


assert_type(with_message(1), int)
assert_type(with_message_and_use(a=1), int)
with_message("1")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


@async_unsafe
def generator(upto: int) -> Generator[int, str, bytes]:
    sent = yield upto
    return sent.encode()


assert_type(generator(1), Generator[int, str, bytes])


class Connection:
    @async_unsafe
    def execute(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        return [(query, *arguments)]

    @async_unsafe
    @classmethod
    def open(cls, path: str) -> Connection:
        return cls()

    @classmethod
    @async_unsafe
    def open_too(cls, path: str) -> Connection:
        return cls()

    @async_unsafe
    @staticmethod
    def quote(text: str) -> str:
        return text

    @staticmethod
    @async_unsafe
    def quote_too(text: str) -> str:
        return text

    @async_unsafe  # type: ignore[prop-decorator] # mypy knows no decorator above a property; pyright does
    @property
    def version(self) -> int:
        return 1

    @property
    @async_unsafe
    def version_too(self) -> int:
        return 1

    @async_unsafe  # type: ignore[prop-decorator]
    @functools.cached_property
    def tables(self) -> list[str]:
        return []

    @async_unsafe
    def rows(self) -> Iterator[int]:
        yield 1


connection = Connection.open("shop.db")
assert_type(connection, Connection)
assert_type(Connection.open_too("shop.db"), Connection)
assert_type(connection.execute("SELECT 1", 2), list[tuple[Any, ...]])
assert_type(Connection.quote("a"), str)
assert_type(Connection.quote_too("a"), str)
assert_type(connection.version, int)
assert_type(connection.version_too, int)
assert_type(connection.tables, list[str])
assert_type(connection.rows(), Iterator[int])
connection.execute(1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


class GuardedConnection(sqlite3.Connection):
    pass


assert_type(async_unsafe.guard(GuardedConnection, "execute", "commit"), type[GuardedConnection])

assert_type(in_async_context(), bool)
assert_type(current_async_library(), "str | None")

with allow_async_unsafe(reason="three rows", calls="shop.db.*") as grant:
    assert_type(grant.matched, int)


@allow_async_unsafe(reason="three rows")
def allowed(a: int) -> str:
    return str(a)


@allow_async_unsafe(reason="three rows")
async def allowed_coroutine(a: int) -> str:
    return str(a)


assert_type(allowed(1), str)


async def awaits() -> None:
    assert_type(await allowed_coroutine(1), str)
    async with allow_async_unsafe(calls=["shop.db.*"]) as async_grant:
        assert_type(async_grant.reason, str)


def decide(violation: Violation) -> None:
    assert_type(violation.path, tuple[str, ...])


configure(policy=decide, allow=["shop.db.*"], report_unused_grants=None)
configure(policy="warn")
configure(policy="shout")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

passed_on: Callable[[int], int] = with_message
