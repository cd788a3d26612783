"""The backend's connection."""

import os
from importlib import import_module
from typing import Any

backend: Any = import_module(f"{os.environ['FRAMEWORK']}.db.backends.sqlite3.base")


class DatabaseWrapper(backend.DatabaseWrapper):  # type: ignore[misc] # of either framework
    """A connection that has a tenant."""

    tenant: str = "public"
