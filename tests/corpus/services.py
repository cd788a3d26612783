"""The services that scenarios use, and other requirements; environment variables select other services."""

from __future__ import annotations

import functools
import os
import socket
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corpus.scenario import Scenario

__all__ = ["MARIADB", "POSTGRESQL", "REDIS", "missing"]

POSTGRESQL: dict[str, Any] = {
    "host": os.environ.get("PGHOST", "127.0.0.1"),
    "port": int(os.environ.get("PGPORT", "5432")),
    "user": os.environ.get("PGUSER", "postgres"),
    "dbname": os.environ.get("PGDATABASE", "test"),
}
MARIADB: dict[str, Any] = {
    "host": os.environ.get("MYSQL_HOST", "127.0.0.1"),
    "port": int(os.environ.get("MYSQL_TCP_PORT", "3306")),
    "user": os.environ.get("MYSQL_USER", "root"),
    "password": os.environ.get("MYSQL_PWD", ""),
    "database": "test",
}
REDIS: dict[str, Any] = {
    "host": os.environ.get("REDIS_HOST", "127.0.0.1"),
    "port": int(os.environ.get("REDIS_PORT", "6379")),
}
_SERVICES = {"service:postgresql": POSTGRESQL, "service:mariadb": MARIADB, "service:redis": REDIS}


def missing(scenario: Scenario, loop: str) -> str | None:
    """Return the first requirement of a scenario that is missing."""
    libraries = () if loop == "asyncio" else (loop,)
    return next((need for need in (*libraries, *scenario.needs) if not _is_here(need)), None)


@functools.cache
def _is_here(need: str) -> bool:
    if need not in _SERVICES:
        return PathFinder.find_spec(need) is not None  # not a replacement, as pymysql can be for MySQLdb
    try:
        socket.create_connection((_SERVICES[need]["host"], _SERVICES[need]["port"]), timeout=5).close()
    except OSError:
        return False
    return True
