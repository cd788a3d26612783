"""State that a thread holds for a request: that of its database connections, as created by GingerDJ or Django."""

from __future__ import annotations

import importlib
import logging
import sys
import threading
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ginger_async_safe._runtime.failures import containing, report_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Holdings", "holdings_here"]

logger: logging.Logger = logging.getLogger("ginger_async_safe.asgi")

_FRAMEWORKS = ("gingerdj", "django")

_LEAVE_NOTHING = (
    "select", "insert", "update", "delete", "with", "(", "values", "merge", "replace", "explain", "savepoint",
    "release savepoint", "rollback to savepoint",
)  # fmt: skip
"""Beginnings of statements that, outside a transaction, change nothing in the database session."""

_OF_TRANSACTIONS = ("begin", "start transaction", "commit", "end", "rollback")

_LEAVE_SOMETHING = ("set_config", "advisory", "get_lock")
"""Functions that change the session even in such statements: of PostgreSQL (9.28.1, 9.28.10) and MySQL (14.14)."""


class Holdings:
    """The state that one thread holds for the requests that use it one after the other.

    A request can continue in another thread when this thread holds no state that the other one lacks. Each thread has
    connections of its own, which are interchangeable except for this state: a transaction, whether opened by
    ``atomic()`` or not; a cursor that may have more rows; session state from ``SET``, ``PREPARE``, ``CREATE TEMPORARY``
    and the like; an execute wrapper; and attributes set on the connection object of a backend that is not part of the
    framework, such as those for multi-tenancy.
    """

    def __init__(self) -> None:
        self.turn: int = 0
        """How many times a request has leased this thread; it identifies the current lease."""
        self._sessions: list[_Session] = []

    def begin(self, *, is_first: bool) -> None:
        """Record that a request has leased this thread.

        Args:
            is_first: Whether this is its first thread, in which the framework's ``request_started`` signal is sent.
        """
        self.turn += 1
        _follow_new_connections()
        if not is_first:
            self.close_old_connections()
        for session in self._sessions:
            session.remember()

    def follow(self, connection: Any) -> _Session:  # noqa: ANN401 - a DatabaseWrapper of either framework
        """Track the use of a connection from now on."""
        for session in self._sessions:
            if session.connection is connection:
                return session
        session = _Session(connection, self)
        self._sessions.append(session)
        return session

    def is_untouched(self) -> bool:
        """Return whether the request has used none of the tracked connections."""
        return not any(session.turn == self.turn for session in self._sessions)

    def is_free(self) -> bool:
        """Return whether the request can continue in another thread."""
        with containing("looking at the database connections of a thread", "the request kept the thread"):
            sessions = [self._session_of(connection) for _, _, connection in _connections()]
            return not any(session.is_held() for session in sessions)
        return False

    def is_left_open(self) -> bool:
        """Return whether the request has left a transaction open, or a connection that it should have closed.

        The only method that is also called in other threads.
        """
        return any(session.is_left_open() for session in self._sessions)

    def close_old_connections(self) -> None:
        """Close obsolete connections, as the frameworks do at the start and the end of a request in its own thread."""
        with containing("closing old database connections"):
            for session in self._sessions:
                if session.turn == self.turn or session.is_left_open():
                    session.connection.close_if_unusable_or_obsolete()

    def end(self, name: str) -> None:
        """Roll back a transaction and close connections that the request left open, so that the next one gets neither.

        Args:
            name: Method and path of the request.
        """
        if not self.is_left_open():
            return
        with containing("closing database connections that a request left open"):
            for connections, alias, connection in _connections():
                if connection.in_atomic_block:
                    logger.warning("%s ended within a transaction on %r, which was rolled back", name, alias)
                    try:
                        connection.close()
                    finally:  # the object would still be marked as inside the transaction
                        del connections[alias]
                else:
                    connection.close_if_unusable_or_obsolete()
            here = [connection for _, _, connection in _connections()]
            self._sessions = [session for session in self._sessions if session.connection in here]

    def _session_of(self, connection: Any) -> _Session:  # noqa: ANN401 - a DatabaseWrapper of either framework
        number, wrappers = len(self._sessions), len(connection.execute_wrappers)
        session = self.follow(connection)
        if len(self._sessions) > number and (connection.connection is not None or session.is_foreign or wrappers):
            session.touch()  # the connection was used before it was tracked: assume that it was changed
            session.is_changed = True
        return session


class _Session:
    """A connection object of a framework, and how the current request has used it.

    An instance is an execute wrapper of the connection, which the frameworks call around each statement ("Database
    instrumentation" in their documentation).
    """

    def __init__(self, connection: Any, holdings: Holdings) -> None:  # noqa: ANN401 - of either framework
        self.connection = connection
        self._holdings = holdings
        self.turn: int = 0
        """The value of :attr:`Holdings.turn` when the connection was last used."""
        self.is_changed: bool = False
        """Whether the session may have state that other connections lack."""
        self._cursors: WeakSet[Any] = WeakSet()
        self.is_foreign: bool = type(connection).__module__.partition(".")[0] not in _FRAMEWORKS
        connection.execute_wrappers.insert(0, self)  # at the bottom: other wrappers are pushed and popped
        self.remember()

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: Any,  # noqa: ANN401 - text, or an object that the driver accepts instead
        params: Any,  # noqa: ANN401 - as for execute
        many: bool,  # noqa: FBT001 - the frameworks pass it by position
        context: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - what execute returns
        """Record a statement, and execute it."""
        try:
            if self.turn != self._holdings.turn:
                self.touch()
            self._cursors.add(context["cursor"])
            if not self.is_changed:
                self.is_changed = _changes_session(sql, hasattr(self.connection.connection, "in_transaction"))
        except Exception as error:  # noqa: BLE001 - of this library, in a call of the program
            self.is_changed = True
            report_failure("following a database connection", error)
        return execute(sql, params, many, context)

    def touch(self) -> None:
        """Record that the current request uses the connection, with a session that it has not changed yet."""
        self.turn = self._holdings.turn
        self.is_changed = False
        self._cursors = WeakSet()

    def remember(self) -> None:
        """Record the state of the connection before the request uses it."""
        self._wrappers = [*self.connection.execute_wrappers]
        self._attributes = {**vars(self.connection)} if self.is_foreign else None

    def is_held(self) -> bool:
        """Return whether the request cannot continue with another connection. Called in its thread."""
        connection = self.connection
        return (
            connection.in_atomic_block
            or connection.closed_in_transaction
            or (connection.connection is not None and not connection.autocommit)
            or getattr(connection.connection, "in_transaction", False)
            or (self.turn == self._holdings.turn and (self.is_changed or len(self._cursors) > 0))
            or self._wrappers != connection.execute_wrappers
            or (self._attributes is not None and not _are_same(self._attributes, vars(connection)))
        )

    def is_left_open(self) -> bool:
        """Return whether the connection is in a transaction, or should have been closed by now."""
        connection = self.connection
        if connection.connection is None:
            return False
        if connection.in_atomic_block or connection.autocommit != connection.settings_dict["AUTOCOMMIT"]:
            return True
        return connection.close_at is not None and connection.close_at <= time.monotonic()


def _changes_session(sql: object, tells_of_transactions: bool) -> bool:  # noqa: FBT001
    """Return whether a statement may change the state of its database session.

    Args:
        sql: The statement.
        tells_of_transactions: Whether the driver's connection has ``in_transaction``. That of sqlite does; its backends
            begin transactions by statements, where the others call methods of the driver.
    """
    if not isinstance(sql, str):
        return True
    text = sql.lstrip().lower()
    if text.startswith(_LEAVE_NOTHING):
        return any(word in text for word in _LEAVE_SOMETHING)
    return not (tells_of_transactions and text.startswith(_OF_TRANSACTIONS))


def _are_same(some: dict[str, Any], others: dict[str, Any]) -> bool:
    return some.keys() == others.keys() and all(value is others[name] for name, value in some.items())


_here = threading.local()
_followed: set[str] = set()


def holdings_here() -> Holdings:
    """Return the :class:`Holdings` of the current thread. Called before its first connection is opened."""
    holdings: Holdings | None = getattr(_here, "holdings", None)
    if holdings is None:
        holdings = _here.holdings = Holdings()
    return holdings


def _connections() -> Iterator[tuple[Any, str, Any]]:
    """Yield the connection objects of the current thread, each with its connection handler and alias."""
    for package in _FRAMEWORKS:
        connections = getattr(sys.modules.get(f"{package}.db"), "connections", None)
        if connections is not None and sys.modules[f"{package}.conf"].settings.configured:
            for connection in connections.all(initialized_only=True):
                yield connections, connection.alias, connection


def _follow_new_connections() -> None:
    """Connect to the ``connection_created`` signal of each framework that is imported."""
    if len(_followed) == len(_FRAMEWORKS):
        return
    for package in _FRAMEWORKS:
        if package not in _followed and f"{package}.db" in sys.modules:
            with containing("following database connections"):
                signals = importlib.import_module(f"{package}.db.backends.signals")
                signals.connection_created.connect(_take_note, weak=False, dispatch_uid="ginger_async_safe.asgi")
            _followed.add(package)


def _take_note(connection: Any, **_: object) -> None:  # noqa: ANN401 - a DatabaseWrapper of either framework
    """Track a connection that was opened in a leased thread."""
    holdings: Holdings | None = getattr(_here, "holdings", None)
    if holdings is not None:
        with containing("following a database connection"):
            holdings.follow(connection).touch()
