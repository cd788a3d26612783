"""Conditions of rules for SQLite: databases in memory have no disk to wait for.

The database of a connection is looked up by C functions of SQLite that execute nothing: the connection may be used by
another thread, be in the middle of a statement, or be older than the guard.
"""

# ruff: noqa: ANN401 - the guarded callables determine the parameters

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe._runtime.heap import referents
from ginger_async_safe._runtime.interpreter import module_if_allowed
from ginger_async_safe.blocking.clauses import (
    RECEIVER,
    Argument,
    Arguments,
    Clause,
    HasState,
    Immediate,
    Satisfies,
    State,
)
from ginger_async_safe.blocking.conditions import engine_is_sync, session_is_sync
from ginger_async_safe.blocking.immediate import never_waits_if, waits_unless
from ginger_async_safe.blocking.sqlite_names import name_is_of_disk, opens_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.blocking.calls import Condition

__all__ = [
    "WITH_MEMORY",
    "backup_is_on_disk",
    "blob_is_on_disk",
    "connection_executes_on_disk",
    "connection_is_on_disk",
    "cursor_executes_on_disk",
    "cursor_is_on_disk",
    "database_is_on_disk",
    "engine_is_on_disk",
    "session_is_on_disk",
]

_NEWEST_LAYOUT = (3, 15)  # the newest Python whose layout of sqlite3.Connection is known
_MAIN, _TEMPORARY = b"main", b"temp"


class _Library(NamedTuple):
    """The functions of SQLite that are used.

    Attributes:
        address: Returns SQLite's own connection of a Python object; ``None`` if it is closed.
        name: Returns the name of the database of a number, or ``None``.
        file: Returns the file of the database of a name; ``None`` or nothing if it is in memory.
    """

    address: Callable[[Any], int | None]
    name: Callable[[int, int], bytes | None]
    file: Callable[[int, bytes], bytes | None]


@cache
def _library() -> _Library | None:
    """Return the SQLite library that Python has loaded, or ``None`` if it cannot be used."""
    ctypes: Any = module_if_allowed("ctypes")
    if ctypes is None or sys.implementation.name != "cpython" or sys.version_info[:2] > _NEWEST_LAYOUT:
        return None
    # PyDLL keeps the interpreter lock: no thread closes the connection meanwhile.
    loaded = ctypes.PyDLL(getattr(sys.modules["_sqlite3"], "__file__", None))
    try:
        name, file = loaded.sqlite3_db_name, loaded.sqlite3_db_filename
    except AttributeError:  # before SQLite 3.39, or if it is linked into the interpreter without symbols
        return None
    name.restype = file.restype = ctypes.c_char_p
    name.argtypes, file.argtypes = (ctypes.c_void_p, ctypes.c_int), (ctypes.c_void_p, ctypes.c_char_p)

    def address(connection: Any) -> int | None:
        found: int | None = ctypes.c_void_p.from_address(id(connection) + object.__basicsize__).value
        return found  # the first field of sqlite3.Connection, after the object header

    return _Library(address, name, file)


_in_memory_by_name = Clause(Argument(0, "database"), Satisfies(lambda name: not name_is_of_disk(name)))

database_is_on_disk: Condition = waits_unless(_in_memory_by_name, is_method=False)
"""Whether ``sqlite3.connect`` opens a file, by its name: its audit event has no other argument."""


def _is_open(connection: Any) -> bool:
    """Return whether a connection is open; of a closed one, the call raises at once."""
    library = _library()
    return library is None or library.address(connection) is not None


def _is_in_memory(connection: Any) -> bool:
    """Return whether all databases of a connection are in memory; of a closed one, there are none."""
    library = _library()
    if library is None:
        return False
    address = library.address(connection)
    return address is None or not any(library.file(address, each) for each in _databases(library, address))


def _databases(library: _Library, address: int) -> list[bytes]:
    """Return the names of the databases of a connection; each may be in a file, or attached later."""
    names = [_MAIN, _TEMPORARY]
    while (name := library.name(address, len(names))) is not None:
        names.append(name)
    return names


def _is_connection_to_disk(argument: object) -> bool:
    """Return whether an argument is another connection, to a file."""
    kind = getattr(sys.modules.get("_sqlite3"), "Connection", None)
    return kind is not None and issubclass(type(argument), kind) and not _is_in_memory(argument)


def _connection_of(cursor: Any) -> Any:
    """Return the connection of a cursor; ``None`` of one that is not initialised."""
    try:
        return sys.modules["_sqlite3"].Cursor.connection.__get__(cursor)
    except AttributeError:
        return None


def _cursor_is_in_memory(cursor: Any) -> bool:
    connection = _connection_of(cursor)
    return connection is None or _is_in_memory(connection)


def _blob_is_in_memory(blob: Any) -> bool:
    """Return whether a blob is in memory; only the garbage collector knows its connection."""
    kind = sys.modules["_sqlite3"].Connection
    connections = [each for each in referents(blob) if issubclass(type(each), kind)]
    return bool(connections) and all(map(_is_in_memory, connections))


_opens_file = Clause(
    Arguments((Argument(0, "sql", ""), Argument(1, "parameters", ()))), Satisfies(lambda given: opens_file(*given))
)
_copies_to_file = Clause(Argument(0, "target"), HasState(State.ON_DISK, _is_connection_to_disk))
_connection_in_memory = Clause(RECEIVER, HasState(State.IN_MEMORY, _is_in_memory))
_cursor_in_memory = Clause(RECEIVER, HasState(State.IN_MEMORY, _cursor_is_in_memory))


@never_waits_if(_connection_in_memory)
def connection_is_on_disk(connection: Any, *_: object, **__: object) -> bool:
    """Return whether a call on a connection waits for a disk."""
    return _is_open(connection)


@never_waits_if(Immediate((_connection_in_memory,), unless=(_opens_file,)))
def connection_executes_on_disk(connection: Any, *_: object, **__: object) -> bool:
    """Return whether a statement waits for a disk: that of its connection, or of a database that it attaches."""
    return _is_open(connection)


@never_waits_if(Immediate((_connection_in_memory,), unless=(_copies_to_file,)))
def backup_is_on_disk(connection: Any, *_: object, **__: object) -> bool:
    """Return whether ``backup`` waits for a disk: the connection's, or that of the other one."""
    return _is_open(connection)


def _cursor_is_open(cursor: Any, *_: object, **__: object) -> bool:
    """Return whether the connection of a cursor is open; of a closed one, the call raises at once."""
    connection = _connection_of(cursor)
    return connection is not None and _is_open(connection)


cursor_is_on_disk: Condition = never_waits_if(_cursor_in_memory)(_cursor_is_open)
"""Whether a cursor's next row waits for a disk."""

cursor_executes_on_disk: Condition = never_waits_if(Immediate((_cursor_in_memory,), unless=(_opens_file,)))(
    _cursor_is_open
)
"""Whether a cursor's statement waits for a disk: that of its connection, or of a database that it attaches."""


blob_is_on_disk: Condition = waits_unless(Clause(RECEIVER, HasState(State.IN_MEMORY, _blob_is_in_memory)))
"""Whether a call on a blob waits for a disk."""


def engine_is_on_disk(engine: Any, *_: object, **__: object) -> bool:
    """Return whether an engine or connection of SQLAlchemy has a sync driver, and more than a database in memory."""
    return engine_is_sync(engine) and not _bind_is_in_memory(engine)


def session_is_on_disk(session: Any, *_: object, **__: object) -> bool:
    """Return whether a session of SQLAlchemy is used directly, and with more than a database in memory."""
    return session_is_sync(session) and not _bind_is_in_memory(session.bind)


def _bind_is_in_memory(bind: Any) -> bool:
    """Return whether an engine or connection of SQLAlchemy is to a database in memory."""
    if bind is None or bind.dialect.name != "sqlite":
        return False
    return not name_is_of_disk(bind.engine.url.database or "")


WITH_MEMORY: dict[Condition | None, Condition | None] = {
    database_is_on_disk: None,
    connection_is_on_disk: None,
    connection_executes_on_disk: None,
    backup_is_on_disk: None,
    cursor_is_on_disk: None,
    cursor_executes_on_disk: None,
    blob_is_on_disk: None,
    engine_is_on_disk: engine_is_sync,
    session_is_on_disk: session_is_sync,
}
"""The conditions above, each with the one that guards databases in memory as well."""
