"""The built-in rules: what blocks in the standard library and in well-known packages, one row for each callable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.blocking.rules.clients import CLIENTS
from ginger_async_safe.blocking.rules.databases import DATABASES
from ginger_async_safe.blocking.rules.files import FILES
from ginger_async_safe.blocking.rules.logs import LOGS
from ginger_async_safe.blocking.rules.network import NETWORK
from ginger_async_safe.blocking.rules.processes import PROCESSES
from ginger_async_safe.blocking.rules.threads import THREADS
from ginger_async_safe.blocking.rules.time import TIME

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["RULES"]

RULES: tuple[BlockingCall, ...] = (*TIME, *FILES, *NETWORK, *PROCESSES, *THREADS, *DATABASES, *CLIENTS, *LOGS)
