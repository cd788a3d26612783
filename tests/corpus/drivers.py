"""Database drivers: a report has to name their own entry points."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from corpus.scenario import blocks, cleanup
from corpus.services import MARIADB, POSTGRESQL

if TYPE_CHECKING:
    from corpus.scenario import Run

_PSYCOPG = ("psycopg", "service:postgresql")
_PSYCOPG2 = ("psycopg2", "service:postgresql")
_PYMYSQL = ("pymysql", "service:mariadb")
_MYSQLDB = ("MySQLdb", "service:mariadb")
_SQLALCHEMY = ("sqlalchemy", *_PSYCOPG)


def _connection(driver: str, settings: dict[str, Any]) -> Any:
    connection = import_module(driver).connect(**settings)
    cleanup.callback(connection.close)
    return connection


@blocks("psycopg.connect", "psycopg.Connection.connect", "psycopg.connection.Connection.connect", needs=_PSYCOPG)
def psycopg_connect() -> Run:
    """Connect with psycopg 3."""
    psycopg = import_module("psycopg")

    async def run() -> None:
        cleanup.callback(psycopg.connect(**POSTGRESQL).close)  # HERE

    return run


@blocks("psycopg.Connection.execute", "psycopg.connection.Connection.execute", "psycopg.Cursor.execute", needs=_PSYCOPG)
def psycopg_connection_execute() -> Run:
    """Execute a statement on a connection of psycopg 3."""
    connection = _connection("psycopg", POSTGRESQL)

    async def run() -> None:
        connection.execute("SELECT 1")  # HERE

    return run


@blocks("psycopg.Cursor.execute", "psycopg.cursor.Cursor.execute", needs=_PSYCOPG)
def psycopg_cursor_execute() -> Run:
    """Execute a statement on a cursor of psycopg 3."""
    cursor = _connection("psycopg", POSTGRESQL).cursor()

    async def run() -> None:
        cursor.execute("SELECT 1")  # HERE

    return run


@blocks("psycopg.Connection.commit", "psycopg.connection.Connection.commit", needs=_PSYCOPG)
def psycopg_commit() -> Run:
    """Commit a transaction with psycopg 3."""
    connection = _connection("psycopg", POSTGRESQL)
    connection.execute("SELECT 1")

    async def run() -> None:
        connection.commit()  # HERE

    return run


@blocks(
    "psycopg.Connection.__exit__",
    "psycopg.connection.Connection.__exit__",
    "psycopg.Connection.commit",
    "psycopg.connection.Connection.commit",
    needs=_PSYCOPG,
)
def psycopg_commit_by_with() -> Run:
    """Commit a transaction of psycopg 3 at the end of a ``with`` statement."""
    connection = _connection("psycopg", POSTGRESQL)
    connection.execute("SELECT 1")

    async def run() -> None:
        with connection:  # HERE
            pass

    return run


@blocks("psycopg2.connect", "psycopg2._psycopg._connect", "psycopg2._connect", needs=_PSYCOPG2)
def psycopg2_connect() -> Run:
    """Connect with psycopg 2."""
    psycopg2 = import_module("psycopg2")

    async def run() -> None:
        cleanup.callback(psycopg2.connect(**POSTGRESQL).close)  # HERE

    return run


_PSYCOPG2_EXECUTE = ("psycopg2.extensions.cursor.execute", "psycopg2._psycopg.cursor.execute")


@blocks(*_PSYCOPG2_EXECUTE, "psycopg2.cursor.execute", needs=_PSYCOPG2)
def psycopg2_execute() -> Run:
    """Execute a statement with psycopg 2, which is written in C."""
    cursor = _connection("psycopg2", POSTGRESQL).cursor()

    async def run() -> None:
        cursor.execute("SELECT 1")  # HERE

    return run


@blocks(*_PSYCOPG2_EXECUTE, "psycopg2.cursor.execute", needs=_PSYCOPG2)
def psycopg2_execute_bound_earlier() -> Run:
    """Execute a statement with psycopg 2 by a method that was bound earlier."""
    execute = _connection("psycopg2", POSTGRESQL).cursor().execute

    async def run() -> None:
        execute("SELECT 1")  # HERE

    return run


@blocks(
    "psycopg2.extensions.connection.commit",
    "psycopg2._psycopg.connection.commit",
    "psycopg2.connection.commit",
    needs=_PSYCOPG2,
)
def psycopg2_commit() -> Run:
    """Commit a transaction with psycopg 2."""
    connection = _connection("psycopg2", POSTGRESQL)
    connection.cursor().execute("SELECT 1")

    async def run() -> None:
        connection.commit()  # HERE

    return run


@blocks(
    "pymysql.Connection",
    "pymysql.connect",
    "pymysql.Connection",
    "pymysql.Connection.connect",
    "pymysql.connections.Connection.connect",
    needs=_PYMYSQL,
)
def pymysql_connect() -> Run:
    """Connect with PyMySQL."""
    pymysql = import_module("pymysql")

    async def run() -> None:
        cleanup.callback(pymysql.connect(**MARIADB).close)  # HERE

    return run


@blocks("pymysql.cursors.Cursor.execute", "pymysql.Cursor.execute", "pymysql.Connection.query", needs=_PYMYSQL)
def pymysql_execute() -> Run:
    """Execute a statement with PyMySQL."""
    cursor = _connection("pymysql", MARIADB).cursor()

    async def run() -> None:
        cursor.execute("SELECT 1")  # HERE

    return run


@blocks("pymysql.Connection.commit", "pymysql.connections.Connection.commit", needs=_PYMYSQL)
def pymysql_commit() -> Run:
    """Commit a transaction with PyMySQL."""
    connection = _connection("pymysql", MARIADB)

    async def run() -> None:
        connection.commit()  # HERE

    return run


@blocks("MySQLdb.connect", "MySQLdb.Connect", "MySQLdb.connections.Connection", needs=_MYSQLDB)
def mysqlclient_connect() -> Run:
    """Connect with mysqlclient."""
    driver = import_module("MySQLdb")

    async def run() -> None:
        cleanup.callback(driver.connect(**MARIADB).close)  # HERE

    return run


@blocks(
    "MySQLdb.cursors.BaseCursor.execute",
    "MySQLdb.cursors.Cursor.execute",
    "MySQLdb.connections.Connection.query",
    needs=_MYSQLDB,
)
def mysqlclient_execute() -> Run:
    """Execute a statement with mysqlclient."""
    cursor = _connection("MySQLdb", MARIADB).cursor()

    async def run() -> None:
        cursor.execute("SELECT 1")  # HERE

    return run


def _engine() -> Any:
    sqlalchemy = import_module("sqlalchemy")
    settings = {"host": POSTGRESQL["host"], "port": POSTGRESQL["port"], "database": POSTGRESQL["dbname"]}
    engine = sqlalchemy.create_engine(
        sqlalchemy.engine.URL.create("postgresql+psycopg", username=POSTGRESQL["user"], **settings)
    )
    cleanup.callback(engine.dispose)
    engine.connect().close()  # which queries the version and the like
    return engine


@blocks(
    "sqlalchemy.Engine.connect",
    "sqlalchemy.engine.Engine.connect",
    "sqlalchemy.engine.base.Engine.connect",
    needs=_SQLALCHEMY,
)
def sqlalchemy_connect() -> Run:
    """Connect with SQLAlchemy."""
    engine = _engine()
    engine.dispose()

    async def run() -> None:
        cleanup.callback(engine.connect().close)  # HERE

    return run


@blocks(
    "sqlalchemy.Connection.execute",
    "sqlalchemy.engine.Connection.execute",
    "sqlalchemy.engine.base.Connection.execute",
    needs=_SQLALCHEMY,
)
def sqlalchemy_execute() -> Run:
    """Execute a statement with SQLAlchemy."""
    connection, statement = _engine().connect(), import_module("sqlalchemy").text("SELECT 1")
    cleanup.callback(connection.close)

    async def run() -> None:
        connection.execute(statement)  # HERE

    return run


@blocks(
    "sqlalchemy.orm.Session.execute",
    "sqlalchemy.orm.session.Session.execute",
    "sqlalchemy.Engine.connect",
    needs=_SQLALCHEMY,
)
def sqlalchemy_session() -> Run:
    """Execute a statement in a session of SQLAlchemy."""
    session = import_module("sqlalchemy.orm").Session(_engine())
    statement = import_module("sqlalchemy").text("SELECT 1")
    cleanup.callback(session.close)

    async def run() -> None:
        session.execute(statement)  # HERE

    return run
