"""Waiting for a database."""

from __future__ import annotations

from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.conditions import engine_is_sync

__all__ = ["DATABASES"]

_SQLITE = "await aiosqlite.connect(...)"
_OF_CONNECTIONS = ("__exit__", "backup", "commit", "execute", "executemany", "executescript", "rollback")
_OF_CURSORS = ("execute", "executemany", "executescript", "fetchall", "fetchmany", "fetchone")

DATABASES = (
    BlockingCall(
        "sqlite3.connect",
        mend=_SQLITE,
        category="databases",
        reason="it opens the database's file",
        event="sqlite3.connect",
    ),
    *(
        BlockingCall(
            f"sqlite3.{owner}.{name}",
            id=f"sqlite3.{'commit' if name == '__exit__' else name}",
            category="databases",
            reason="it reads or writes the database's file, and waits for its locks",
        )
        for owner, names in (("Connection", _OF_CONNECTIONS), ("Cursor", _OF_CURSORS))
        for name in names
    ),
    *(
        BlockingCall(
            f"sqlalchemy.engine.base.{target}",
            category="databases",
            reason="it waits for the database server",
            blocks=engine_is_sync,
        )
        for target in ("Engine.connect", "Connection.execute")
    ),
    *(
        BlockingCall(f"psycopg2.extensions.{target}", category="databases", reason="it waits for the database server")
        for target in ("cursor.execute", "cursor.executemany", "connection.commit", "connection.rollback")
    ),
    BlockingCall("psycopg2.connect", category="databases", reason="it waits for the database server"),
    BlockingCall(
        "psycopg.Connection.connect",
        mend="await psycopg.AsyncConnection.connect(...)",
        category="databases",
        reason="it waits for the database server",
    ),
    *(
        BlockingCall(target, category="databases", reason="it waits for the database server")
        for target in (
            "psycopg.Cursor.execute",
            "psycopg.Cursor.executemany",
            "psycopg.Cursor.fetchall",
            "psycopg.Cursor.fetchmany",
            "psycopg.Cursor.fetchone",
            "psycopg.Connection.commit",
            "psycopg.Connection.rollback",
            "pymysql.connections.Connection.connect",
            "pymysql.connections.Connection.query",
            "pymysql.connections.Connection.commit",
            "MySQLdb.connections.Connection.__init__",
            "MySQLdb.cursors.BaseCursor.execute",
            "pymongo.synchronous.mongo_client.MongoClient._retryable_read",
            "pymongo.synchronous.mongo_client.MongoClient._retryable_write",
        )
    ),
)
