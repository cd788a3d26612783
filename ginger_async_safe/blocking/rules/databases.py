"""Rules for databases."""

from __future__ import annotations

from ginger_async_safe.blocking import in_memory
from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["DATABASES"]

_SQLITE_FIXES = {
    "__exit__": "async with, on a connection of aiosqlite",
    "__next__": "async for, over a cursor of aiosqlite",
}
_PSYCOPG = "await psycopg.AsyncConnection.connect(...)"
_EXECUTE = ("execute", "executemany", "executescript")
_OF_CONNECTIONS = ("__exit__", "blobopen", "commit", "rollback", "serialize")
_OF_CURSORS = ("__next__", "fetchall", "fetchmany", "fetchone")
_OF_COLLECTIONS = (
    "aggregate",
    "bulk_write",
    "count_documents",
    "create_index",
    "delete_many",
    "delete_one",
    "distinct",
    "drop",
    "estimated_document_count",
    "find_one",
    "find_one_and_delete",
    "find_one_and_replace",
    "find_one_and_update",
    "insert_many",
    "insert_one",
    "replace_one",
    "update_many",
    "update_one",
)

# Id, target and fix.
_ENTRIES = (
    ("psycopg2.connect", "psycopg2.connect", _PSYCOPG),
    *(
        (f"psycopg2.{name}", f"psycopg2.extensions.{name}", _PSYCOPG)
        for name in (
            *(f"cursor.{name}" for name in ("callproc", "copy_expert", "execute", "executemany")),
            *(f"connection.{name}" for name in ("__exit__", "commit", "rollback")),
        )
    ),
    ("psycopg.connect", "psycopg.connection.Connection.connect", _PSYCOPG),
    *(
        (
            f"psycopg.{name}",
            f"psycopg.{name.partition('.')[0].lower()}.{name}",
            _PSYCOPG if name.endswith("__") else f"await psycopg.Async{name}(...)",
        )
        for name in (
            *(f"Cursor.{name}" for name in ("execute", "executemany", "fetchall", "fetchmany", "fetchone")),
            *(f"Connection.{name}" for name in ("__exit__", "commit", "execute", "rollback")),
        )
    ),
    *(
        (f"pymysql.{name.removesuffix('.__init__')}", f"pymysql.{module}.{name}", f"await aiomysql.{name}(...)")
        for module, name in (
            ("connections", "Connection.__init__"),
            ("connections", "Connection.connect"),
            ("connections", "Connection.commit"),
            ("connections", "Connection.query"),
            ("connections", "Connection.rollback"),
            ("cursors", "Cursor.execute"),
            ("cursors", "Cursor.executemany"),
        )
    ),
    ("MySQLdb.connect", "MySQLdb.connections.Connection.__init__", "await aiomysql.connect(...)"),
    *(
        (f"MySQLdb.Cursor.{name}", f"MySQLdb.cursors.BaseCursor.{name}", f"await aiomysql.Cursor.{name}(...)")
        for name in ("execute", "executemany")
    ),
    *(
        (
            f"pymongo.Collection.{name}",
            f"pymongo.synchronous.collection.Collection.{name}",
            f"await pymongo.AsyncMongoClient()...{name}(...)",
        )
        for name in _OF_COLLECTIONS
    ),
    *(
        (f"pymongo.{name}", f"pymongo.synchronous.{name}", "await a method of pymongo.AsyncMongoClient()")
        for name in ("mongo_client.MongoClient._retryable_read", "mongo_client.MongoClient._retryable_write")
    ),
)
_KNOWN_AS = {"__exit__": "commit", "__next__": "fetchone"}

DATABASES = (
    BlockingCall(
        "sqlite3.connect",
        fix="await aiosqlite.connect(...)",
        category="databases",
        reason="it opens the database file",
        event="sqlite3.connect",
        blocks=in_memory.database_is_on_disk,
    ),
    *(
        BlockingCall(
            f"sqlite3.{kind}.{name}",
            id=f"sqlite3.{_KNOWN_AS.get(name, name)}",
            fix=_SQLITE_FIXES.get(name, f"await {kind.lower()}.{name}(...), of aiosqlite"),
            category="databases",
            reason="it reads or writes the database file, and waits for its locks",
            blocks=condition,
            is_optional=name in {"blobopen", "serialize"},
        )
        for kind, names, condition in (
            ("Connection", _EXECUTE, in_memory.connection_executes_on_disk),
            ("Connection", _OF_CONNECTIONS, in_memory.connection_is_on_disk),
            ("Connection", ("backup",), in_memory.backup_is_on_disk),
            ("Cursor", _EXECUTE, in_memory.cursor_executes_on_disk),
            ("Cursor", _OF_CURSORS, in_memory.cursor_is_on_disk),
        )
        for name in names
    ),
    *(
        BlockingCall(
            f"sqlite3.Blob.{name}",
            category="databases",
            reason="it reads or writes the database file",
            blocks=in_memory.blob_is_on_disk,
            is_optional=True,
        )
        for name in ("read", "write")
    ),
    *(
        BlockingCall(
            f"sqlalchemy.engine.base.{target}",
            fix="async with create_async_engine(...).connect(), of sqlalchemy.ext.asyncio",
            category="databases",
            reason="it waits for the database server",
            blocks=in_memory.engine_is_on_disk,
        )
        for target in ("Engine.connect", "Connection.execute", "Connection.commit")
    ),
    *(
        BlockingCall(
            f"sqlalchemy.orm.session.Session.{name}",
            id=f"sqlalchemy.orm.Session.{name}",
            fix=f"await session.{name}(...), of an sqlalchemy.ext.asyncio.AsyncSession",
            category="databases",
            reason="it waits for the database server",
            blocks=in_memory.session_is_on_disk,
        )
        for name in ("commit", "execute", "flush", "get", "refresh", "scalar", "scalars")
    ),
    *(
        BlockingCall(target, id=name, fix=fix, category="databases", reason="it waits for the database server")
        for name, target, fix in _ENTRIES
    ),
)
