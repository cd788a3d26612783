"""Rules for log handlers that wait for a disk or a server at every record."""

from __future__ import annotations

from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.conditions import is_programs_own

__all__ = ["LOGS"]

_HANDLERS = {
    "FileHandler": "it writes each record to a file",
    "handlers.BaseRotatingHandler": "it writes each record to a file",
    "handlers.HTTPHandler": "it sends each record to a server",
    "handlers.SMTPHandler": "it sends each record to a server",
    "handlers.SocketHandler": "it sends each record to a server",
}

LOGS = tuple(
    BlockingCall(
        f"logging.{handler}.emit",
        fix="logging.handlers.QueueHandler(...) and a QueueListener",
        category="files" if "file" in reason else "network",
        reason=reason,
        blocks=is_programs_own,
    )
    for handler, reason in _HANDLERS.items()
)
