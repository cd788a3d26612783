"""SQLite databases in memory, which access no disk, and databases that are partly in memory."""

from __future__ import annotations

import sqlite3
from importlib import import_module
from typing import TYPE_CHECKING, Any

from corpus.scenario import blocks, cleanup, safe, workdir

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus.scenario import Run


def _used(connect: Callable[[], sqlite3.Connection]) -> None:
    connection = connect()
    cleanup.callback(connection.close)
    connection.execute("CREATE TABLE numbers (number INTEGER)")
    with connection:
        connection.executemany("INSERT INTO numbers VALUES (?)", [(number,) for number in range(10)])
    cursor = connection.cursor()
    cursor.execute("SELECT number FROM numbers")
    assert (0,) == cursor.fetchone() == next(iter([(0,)]))
    assert [(1,), (2,)] == cursor.fetchmany(2)
    assert len(list(cursor)) == 7
    assert [] == cursor.fetchall()
    cursor.executescript("DROP TABLE numbers")
    connection.commit()
    connection.rollback()
    copy = sqlite3.connect(":memory:")
    connection.backup(copy)
    copy.close()


@safe()
def made_on_the_loop() -> Run:
    """Use databases in memory, under each of their names."""
    names = [":memory:", "", "file::memory:", "file:shop?mode=memory&cache=shared"]

    async def run() -> None:
        for name in names:
            _used(lambda name=name: sqlite3.connect(name, uri=name.startswith("file:")))  # type: ignore[misc]

    return run


@safe()
def made_before() -> Run:
    """Use a database in memory that was opened before the guard was on, by cursors, blobs and a subclass."""

    class Connection(sqlite3.Connection):
        pass

    connection = sqlite3.connect(":memory:", factory=Connection, check_same_thread=False)
    rows = connection.execute("VALUES (1), (2)")

    async def run() -> None:
        assert [(1,), (2,)] == list(rows)
        _used(lambda: connection)

    return run


@safe(since=(3, 11))
def blob() -> Run:
    """Read from a blob in memory."""
    connection: Any = sqlite3.connect(":memory:")
    cleanup.callback(connection.close)
    connection.execute("CREATE TABLE blobs (data BLOB)")
    row = connection.execute("INSERT INTO blobs VALUES (zeroblob(100))").lastrowid
    opened = connection.blobopen("blobs", "data", row)
    cleanup.callback(opened.close)

    async def run() -> None:
        assert bytes(10) == opened.read(10)

    return run


@safe(needs=("sqlalchemy",))
def sqlalchemy() -> Run:
    """Use SQLAlchemy with a database in memory."""
    alchemy, orm = import_module("sqlalchemy"), import_module("sqlalchemy.orm")
    engine = alchemy.create_engine("sqlite://")
    with engine.connect():  # the modules that it imports for that
        pass

    async def run() -> None:
        with engine.connect() as connection:
            assert 1 == connection.execute(alchemy.text("SELECT 1")).scalar()
            connection.commit()
        with orm.Session(engine) as session:
            assert 1 == session.execute(alchemy.text("SELECT 1")).scalar()
            session.commit()

    return run


@blocks("sqlite3.execute", "sqlite3.Connection.execute")
def attached() -> Run:
    """Query a connection to memory to which a file is attached."""
    connection = sqlite3.connect(":memory:")
    cleanup.callback(connection.close)
    connection.execute("ATTACH ? AS other", (str(workdir() / "database"),))

    async def run() -> None:
        connection.execute("SELECT * FROM other.sqlite_master")  # HERE

    return run


@blocks("sqlite3.execute", "sqlite3.Connection.execute")
def attaching() -> Run:
    """Attach a file to a connection to memory."""
    connection = sqlite3.connect(":memory:")
    cleanup.callback(connection.close)
    path = str(workdir() / "database")

    async def run() -> None:
        connection.execute("ATTACH ? AS other", (path,))  # HERE

    return run


@blocks("sqlite3.backup", "sqlite3.Connection.backup")
def copied_to_disk() -> Run:
    """Copy a database from memory to a file."""
    connection, copy = sqlite3.connect(":memory:"), sqlite3.connect(workdir() / "copy")
    cleanup.callback(connection.close)
    cleanup.callback(copy.close)

    async def run() -> None:
        connection.backup(copy)  # HERE

    return run


@blocks("sqlite3.connect", "sqlite3.Connection", "sqlite3.dbapi2.connect")
def file_by_uri() -> Run:
    """Connect to a file with a URI."""
    uri = f"file:{workdir() / 'database'}?mode=rwc"

    async def run() -> None:
        cleanup.callback(sqlite3.connect(uri, uri=True).close)  # HERE

    return run
