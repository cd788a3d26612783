"""sqlite3, which reads and writes files in C code."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from corpus.helpers import soon
from corpus.scenario import blocks, cleanup, workdir

if TYPE_CHECKING:
    from corpus.scenario import Run


def _connection() -> sqlite3.Connection:
    connection = sqlite3.connect(workdir() / "database", check_same_thread=False)
    cleanup.callback(connection.close)
    with connection:
        connection.execute("CREATE TABLE numbers (number INTEGER)")
        connection.executemany("INSERT INTO numbers VALUES (?)", [(number,) for number in range(100)])
    return connection


@blocks("sqlite3.connect", "sqlite3.Connection", "sqlite3.Connection.__init__", "sqlite3.dbapi2.connect")
def connect() -> Run:
    """Connect."""
    path = workdir() / "database"

    async def run() -> None:
        cleanup.callback(sqlite3.connect(path).close)  # HERE

    return run


@blocks("sqlite3.execute", "sqlite3.Connection.execute")
def connection_execute() -> Run:
    """Execute a statement on a connection."""
    connection = _connection()

    async def run() -> None:
        connection.execute("SELECT sum(number) FROM numbers")  # HERE

    return run


@blocks("sqlite3.executemany", "sqlite3.Connection.executemany")
def connection_executemany() -> Run:
    """Execute a statement many times on a connection."""
    connection = _connection()

    async def run() -> None:
        connection.executemany("INSERT INTO numbers VALUES (?)", [(1,), (2,)])  # HERE

    return run


@blocks("sqlite3.executescript", "sqlite3.Connection.executescript")
def connection_executescript() -> Run:
    """Execute a script on a connection."""
    connection = _connection()

    async def run() -> None:
        connection.executescript("DELETE FROM numbers; CREATE TABLE others (number)")  # HERE

    return run


@blocks("sqlite3.execute", "sqlite3.Cursor.execute")
def cursor_execute() -> Run:
    """Execute a statement on a cursor."""
    cursor = _connection().cursor()

    async def run() -> None:
        cursor.execute("SELECT sum(number) FROM numbers")  # HERE

    return run


@blocks("sqlite3.execute", "sqlite3.Cursor.execute")
def cursor_execute_bound_earlier() -> Run:
    """Execute a statement by a method that was bound before the guard was on."""
    execute = _connection().cursor().execute

    async def run() -> None:
        execute("SELECT sum(number) FROM numbers")  # HERE

    return run


@blocks("sqlite3.executemany", "sqlite3.Cursor.executemany")
def cursor_executemany() -> Run:
    """Execute a statement many times on a cursor."""
    cursor = _connection().cursor()

    async def run() -> None:
        cursor.executemany("INSERT INTO numbers VALUES (?)", [(1,), (2,)])  # HERE

    return run


@blocks("sqlite3.fetchone", "sqlite3.Cursor.fetchone")
def fetchone() -> Run:
    """Fetch a row, for which the statement executes one more step."""
    cursor = _connection().execute("SELECT number FROM numbers")

    async def run() -> None:
        cursor.fetchone()  # HERE

    return run


@blocks("sqlite3.fetchall", "sqlite3.Cursor.fetchall")
def fetchall() -> Run:
    """Fetch all rows."""
    cursor = _connection().execute("SELECT number FROM numbers")

    async def run() -> None:
        cursor.fetchall()  # HERE

    return run


@blocks("sqlite3.fetchmany", "sqlite3.Cursor.fetchmany")
def fetchmany() -> Run:
    """Fetch some rows."""
    cursor = _connection().execute("SELECT number FROM numbers")

    async def run() -> None:
        cursor.fetchmany(10)  # HERE

    return run


@blocks("sqlite3.fetchone", "sqlite3.Cursor.__next__", "sqlite3.Cursor.__iter__")
def iterate_over_cursor() -> Run:
    """Iterate over rows."""
    cursor = _connection().execute("SELECT number FROM numbers")

    async def run() -> None:
        for _ in cursor:  # HERE
            pass

    return run


@blocks("sqlite3.commit", "sqlite3.Connection.commit")
def commit() -> Run:
    """Commit a transaction."""
    connection = _connection()
    connection.execute("INSERT INTO numbers VALUES (1)")

    async def run() -> None:
        connection.commit()  # HERE

    return run


@blocks("sqlite3.commit", "sqlite3.Connection.__exit__", "sqlite3.Connection.commit")
def commit_by_with() -> Run:
    """Commit a transaction at the end of a ``with`` statement."""
    connection = _connection()
    connection.execute("INSERT INTO numbers VALUES (1)")

    async def run() -> None:
        with connection:  # HERE
            pass

    return run


@blocks("sqlite3.rollback", "sqlite3.Connection.rollback")
def rollback() -> Run:
    """Roll a transaction back."""
    connection = _connection()
    connection.execute("INSERT INTO numbers VALUES (1)")

    async def run() -> None:
        connection.rollback()  # HERE

    return run


@blocks("sqlite3.backup", "sqlite3.Connection.backup")
def backup() -> Run:
    """Copy a database."""
    connection = _connection()
    copy = sqlite3.connect(workdir() / "copy")
    cleanup.callback(copy.close)

    async def run() -> None:
        connection.backup(copy)  # HERE

    return run


@blocks("sqlite3.execute", "sqlite3.Connection.execute")
def execute_while_locked() -> Run:
    """Wait for another connection's transaction."""
    mine, other = _connection(), sqlite3.connect(workdir() / "database", check_same_thread=False)
    cleanup.callback(other.close)
    other.execute("BEGIN EXCLUSIVE")
    trigger = soon(other.rollback)

    async def run() -> None:
        trigger()
        mine.execute("INSERT INTO numbers VALUES (1)")  # HERE

    return run


@blocks("sqlite3.execute", "sqlite3.Connection.execute", "sqlite3.Cursor.execute")
def execute_on_subclass() -> Run:
    """Execute a statement on a connection of the user's own class."""

    class Connection(sqlite3.Connection):
        pass

    connection = sqlite3.connect(workdir() / "database", factory=Connection)
    cleanup.callback(connection.close)

    async def run() -> None:
        connection.execute("CREATE TABLE numbers (number INTEGER)")  # HERE

    return run


@blocks("sqlite3.Blob.read", since=(3, 11))
def read_blob() -> Run:
    """Read from a blob that was opened earlier."""
    connection = _connection()
    connection.execute("CREATE TABLE blobs (data BLOB)")
    row = connection.execute("INSERT INTO blobs VALUES (zeroblob(100000))").lastrowid
    blob = getattr(connection, "blobopen")("blobs", "data", row)  # noqa: B009 - Python 3.10 has none
    cleanup.callback(blob.close)

    async def run() -> None:
        blob.read(100_000)  # HERE

    return run
