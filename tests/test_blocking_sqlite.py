"""SQLite in memory: what a statement or a name opens is what counts, not the words in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _guarding import called_in_task

from ginger_async_safe import SynchronousOnlyOperation, guard_blocking_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    sqlite3.sqlite_version_info < (3, 39), reason="before SQLite 3.39 it is not known which file a connection is to"
)


@pytest.fixture
def connection() -> Iterator[Any]:
    """A connection to a database in memory, under the guard."""
    with sqlite3.connect(":memory:") as made:
        made.execute("CREATE TABLE mails (id, attachment, vacuum_into)")
        with guard_blocking_calls():
            yield made
    made.close()


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        ("SELECT attachment FROM mails", ()),
        ("SELECT vacuum_into FROM mails", ()),
        ("INSERT INTO mails VALUES (1, 'see attached; vacuum into', 2)", ()),
        ("/* attach '/disk' */ SELECT 1 -- attach '/disk'", ()),
        ("ATTACH '' AS a", ()),
        ("ATTACH DATABASE ':memory:' AS a", ()),
        ("ATTACH ? AS a", (":memory:",)),
        ("ATTACH :name AS a", {"name": "file:shelf?mode=memory"}),
    ],
)
def test_stays_in_memory(connection: Any, statement: str, parameters: Any) -> None:
    """A statement that opens no file runs."""
    called_in_task(connection.execute, statement, parameters)


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH '{}' AS a",
        'attach database "{}" as a -- not :memory:',
        "/* a comment */ ATTACH '{}' AS a",
        "ATTACH ':memory:' AS q; ATTACH '{}' AS z",
        "VACUUM INTO '{}'",
    ],
)
def test_opens_a_file(connection: Any, statement: str, tmp_path: Path) -> None:
    """One that opens a file is stopped, anywhere in a script."""
    path = tmp_path / "shelf.sqlite"
    with pytest.raises(SynchronousOnlyOperation):
        called_in_task(connection.executescript, statement.format(path))
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "stops"),
    [
        (":memory:", False),
        (Path(":memory:"), False),
        ("file::memory:?cache=shared", False),
        ("file:%3Amemory%3A", False),
        ("file:/shelf?vfs=memdb", False),
        ("file:shelf?mode=mem%6fry", False),
        ("file:shelf?mode=rwc", True),
        ("shelf.sqlite", True),
    ],
)
def test_names(connection: Any, name: Any, stops: bool) -> None:
    """A name of a database in memory is recognised in all spellings."""
    del connection

    def connect() -> None:
        sqlite3.connect(name, uri=True).close()

    if stops:
        with pytest.raises(SynchronousOnlyOperation):
            called_in_task(connect)
    else:
        called_in_task(connect)
