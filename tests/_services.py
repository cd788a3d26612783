"""Services that tests use. If one is not available, its tests are skipped, or fail if every service is required."""

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
    """Skip a test because something is missing, or fail it if everything is required."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{what}, and {REQUIRED}=1 says that it has to be there")
    pytest.skip(what)


def postgresql() -> str:
    """Return how to connect to PostgreSQL: on this machine, unless PGHOST and the like select another server."""
    try:
        import psycopg  # noqa: PLC0415 - not installed on some machines
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
    """Return how to connect to MariaDB: on this machine, unless MYSQL_HOST and the like select another server."""
    try:
        import pymysql  # noqa: PLC0415 - not installed on some machines
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
    """Return the settings of a database for GingerDJ or Django; tests create another database beside it, and drop that."""
    settings: dict[str, Any] = {
        "ENGINE": f"{framework}.db.backends.{database}",
        "TEST": {"NAME": f"async_safe_{framework}_{os.getpid()}"},
    }
    if database == "postgresql":
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - postgresql() checks that it is installed

        given = conninfo_to_dict(postgresql())
        names = {"NAME": "dbname", "USER": "user", "HOST": "host", "PORT": "port"}
        return {**settings, **{key: given[name] for key, name in names.items()}}
    if database == "mysql":
        import pymysql  # noqa: PLC0415 - mariadb() checks that it is installed

        given = mariadb()
        pymysql.version_info = (2, 2, 7, "final", 0)  # of mysqlclient: the version that the frameworks require
        pymysql.install_as_MySQLdb()
        return {**settings, "NAME": "test", **{key.upper(): value for key, value in given.items()}}
    directory = tempfile.mkdtemp(prefix="async-safe-")
    atexit.register(shutil.rmtree, directory)
    path = str(Path(directory) / "db.sqlite3")
    return {**settings, "NAME": path, "TEST": {"NAME": f"{path}.test"}}
