"""The framework that the project is for."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

FRAMEWORK = os.environ["FRAMEWORK"]


def framework(name: str) -> Any:
    """Import a module of the framework."""
    return import_module(f"{FRAMEWORK}.{name}")
