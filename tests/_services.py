"""Services that tests talk to. Where one is absent its tests skip, or fail if they must not."""

from __future__ import annotations

import os
from typing import NoReturn

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
