"""Services that tests talk to. Where one is absent its tests skip, or fail if they must not."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import pytest

REQUIRED = "GINGER_ASYNC_SAFE_REQUIRE_SERVICES"
POSTGRESQL = {"host": "127.0.0.1", "port": "5432", "user": "postgres", "dbname": "postgres"}


def absent(what: str) -> NoReturn:
    """Skip the test that needs something, or fail it where everything has to be there."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{what}, and {REQUIRED}=1 says that it has to be there")
    pytest.skip(what)


def postgresql() -> str:
    """Return how to connect to PostgreSQL; PGHOST and its like choose another one than that of this machine."""
    try:
        import psycopg  # noqa: PLC0415 - absent on some machines
    except ModuleNotFoundError:
        absent("psycopg is not installed")
    variables = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    settings = {key: os.environ.get(variables[key], value) for key, value in POSTGRESQL.items()}
    conninfo = psycopg.conninfo.make_conninfo("", **settings)
    try:
        psycopg.connect(conninfo, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        absent(f"PostgreSQL does not answer ({str(error).strip()})")
    return conninfo


def mariadb() -> dict[str, Any]:
    """Return how to connect to MariaDB; MYSQL_HOST and its like choose another one than that of this machine."""
    try:
        import pymysql  # noqa: PLC0415 - absent on some machines
    except ModuleNotFoundError:
        absent("pymysql is not installed")
    settings = {
        "host": os.environ.get("MYSQL_HOST", "127.0.0.1"),
        "port": int(os.environ.get("MYSQL_TCP_PORT", "3306")),
        "user": os.environ.get("MYSQL_USER", "root"),
        "password": os.environ.get("MYSQL_PWD", ""),
    }
    try:
        pymysql.connect(**settings, connect_timeout=5).close()
    except pymysql.MySQLError as error:
        absent(f"MariaDB does not answer ({error})")
    return settings


def framework_database(framework: str, database: str) -> dict[str, Any]:
    """Return the settings of a database for GingerDJ or Django; its tests make a database beside it, and drop that."""
    settings: dict[str, Any] = {
        "ENGINE": f"{framework}.db.backends.{database}",
        "TEST": {"NAME": f"async_safe_{framework}_{os.getpid()}"},
    }
    if database == "postgresql":
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - postgresql() tells whether it is there

        given = conninfo_to_dict(postgresql())
        names = {"NAME": "dbname", "USER": "user", "HOST": "host", "PORT": "port"}
        return {**settings, **{key: given[name] for key, name in names.items()}}
    if database == "mysql":
        import pymysql  # noqa: PLC0415 - mariadb() tells whether it is there

        given = mariadb()
        pymysql.version_info = (2, 2, 7, "final", 0)  # of mysqlclient: as new as the frameworks want it to be
        pymysql.install_as_MySQLdb()
        return {**settings, "NAME": "test", **{key.upper(): value for key, value in given.items()}}
    directory = tempfile.mkdtemp(prefix="async-safe-")
    atexit.register(shutil.rmtree, directory)
    path = str(Path(directory) / "db.sqlite3")
    return {**settings, "NAME": path, "TEST": {"NAME": f"{path}.test"}}
