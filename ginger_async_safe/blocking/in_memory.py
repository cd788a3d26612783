"""Conditions of rules for SQLite: databases in memory have no disk to wait for.

The database of a connection is looked up by C functions of SQLite that execute nothing: the connection may be used by
another thread, be in the middle of a statement, or be older than the guard.
"""

# ruff: noqa: ANN401 - the guarded callables determine the parameters

from __future__ import annotations

import gc
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe._runtime.interpreter import module_if_allowed
from ginger_async_safe.blocking.conditions import engine_is_sync, false_if_raised, session_is_sync
from ginger_async_safe.blocking.sqlite_names import name_is_of_disk, opens_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.blocking.calls import Condition

__all__ = [
    "WITH_MEMORY",
    "blob_is_on_disk",
    "connection_is_on_disk",
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


def database_is_on_disk(database: object = None, *_: object) -> bool:
    """Return whether ``sqlite3.connect`` opens a file, by its name: its audit event has no other argument."""
    return name_is_of_disk(database)


def connection_is_on_disk(connection: Any, *arguments: object, **_: object) -> bool:
    """Return whether a call on a connection waits for a disk: the connection's, or that of a database in its arguments."""
    library = _library()
    if library is None:
        return True
    address = library.address(connection)
    if address is None:  # it is closed
        return False
    given: Any
    given, *parameters = arguments or ("",)
    if issubclass(type(given), str):
        opens = opens_file(str.__str__(given), parameters[0] if parameters else ())
    else:
        opens = _is_connection_to_disk(given)
    return opens or any(library.file(address, each) for each in _databases(library, address))


def _databases(library: _Library, address: int) -> list[bytes]:
    """Return the names of the databases of a connection; each may be in a file, or attached later."""
    names = [_MAIN, _TEMPORARY]
    while (name := library.name(address, len(names))) is not None:
        names.append(name)
    return names


def _is_connection_to_disk(argument: object) -> bool:
    """Return whether an argument is another connection, to a file."""
    kind = getattr(sys.modules.get("_sqlite3"), "Connection", None)
    return kind is not None and issubclass(type(argument), kind) and connection_is_on_disk(argument)


@false_if_raised(AttributeError)
def cursor_is_on_disk(cursor: Any, *arguments: object, **_: object) -> bool:
    """Return whether a call on a cursor waits for a disk."""
    connection = sys.modules["_sqlite3"].Cursor.connection.__get__(cursor)
    return connection is not None and connection_is_on_disk(connection, *arguments)


def blob_is_on_disk(blob: Any, *_: object) -> bool:
    """Return whether a call on a blob waits for a disk; only the garbage collector knows the blob's connection."""
    kind = sys.modules["_sqlite3"].Connection
    connections = [each for each in gc.get_referents(blob) if issubclass(type(each), kind)]
    return not connections or any(map(connection_is_on_disk, connections))


def engine_is_on_disk(engine: Any, *_: object, **__: object) -> bool:
    """Return whether an engine or connection of SQLAlchemy has a sync driver, and more than a database in memory."""
    return engine_is_sync(engine) and not _is_in_memory(engine)


def session_is_on_disk(session: Any, *_: object, **__: object) -> bool:
    """Return whether a session of SQLAlchemy is used directly, and with more than a database in memory."""
    return session_is_sync(session) and not _is_in_memory(session.bind)


def _is_in_memory(bind: Any) -> bool:
    """Return whether an engine or connection of SQLAlchemy is to a database in memory."""
    if bind is None or bind.dialect.name != "sqlite":
        return False
    return not name_is_of_disk(bind.engine.url.database or "")


WITH_MEMORY: dict[Condition | None, Condition | None] = {
    database_is_on_disk: None,
    connection_is_on_disk: None,
    cursor_is_on_disk: None,
    blob_is_on_disk: None,
    engine_is_on_disk: engine_is_sync,
    session_is_on_disk: session_is_sync,
}
"""The conditions above, each with the one that guards databases in memory as well."""
