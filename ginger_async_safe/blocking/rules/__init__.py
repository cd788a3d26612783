"""The built-in rules: what blocks in the standard library and in well-known packages, one row for each callable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.blocking.rules.clients import CLIENTS
from ginger_async_safe.blocking.rules.databases import DATABASES
from ginger_async_safe.blocking.rules.files import FILES
from ginger_async_safe.blocking.rules.frameworks import FRAMEWORKS
from ginger_async_safe.blocking.rules.imports import IMPORTS
from ginger_async_safe.blocking.rules.logs import LOGS
from ginger_async_safe.blocking.rules.network import NETWORK
from ginger_async_safe.blocking.rules.processes import PROCESSES
from ginger_async_safe.blocking.rules.sdks import SDKS
from ginger_async_safe.blocking.rules.threads import THREADS
from ginger_async_safe.blocking.rules.time import TIME

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["ALL_RULES", "RULES", "STATIC_RULES"]

RULES: tuple[BlockingCall, ...] = (*TIME, *FILES, *NETWORK, *PROCESSES, *THREADS, *DATABASES, *CLIENTS, *LOGS)
"""The rules of the guard, which the check has too."""

STATIC_RULES: tuple[BlockingCall, ...] = (*FRAMEWORKS, *IMPORTS, *SDKS)
"""The rules of the check alone: at run time, the guard stops the calls that these make."""

ALL_RULES: tuple[BlockingCall, ...] = (*RULES, *STATIC_RULES)
"""The rules of the check."""
