"""Rules whose condition the check does not read in the source, by their ids: what the check does instead, and why."""

from __future__ import annotations

__all__ = ["UNREAD"]

_OF_LOG_HANDLERS = "reports every call: the condition exempts handlers of pytest, which no program calls itself"
_OF_REMOVED = "reports every call: whether the path is a socket is known only to the file system"
_OF_SIGNALS = "reports every call: which signals are pending is known only at run time"
_OF_PROCESSES = "reports every call: what another process has sent is known only at run time"
_OF_ITERATORS = "reports no call: whether another thread computes the next item is known only at run time"
_OF_SQLALCHEMY = "reports every call: the engine's URL, which names the driver and the database, is usually a setting"

UNREAD: dict[str, str] = {
    "file.read": "reports every call: whether a file is a non-blocking pipe is known only once it is open",
    "file.truncate": "reports no call: the file is reported where it is opened",
    "os.eventfd_read": "reports no call: the value of the counter is known only at run time",
    "os.remove": _OF_REMOVED,
    "os.unlink": _OF_REMOVED,
    **{
        f"logging.{handler}.emit": _OF_LOG_HANDLERS
        for handler in (
            "FileHandler",
            "handlers.BaseRotatingHandler",
            "handlers.HTTPHandler",
            "handlers.SMTPHandler",
            "handlers.SocketHandler",
        )
    },
    "multiprocessing.Connection.recv": _OF_PROCESSES,
    "multiprocessing.SimpleQueue.get": _OF_PROCESSES,
    "signal.sigwait": _OF_SIGNALS,
    "signal.sigwaitinfo": _OF_SIGNALS,
    **{
        f"sqlalchemy.{name}": _OF_SQLALCHEMY
        for name in (
            "engine.base.Connection.commit",
            "engine.base.Connection.execute",
            "engine.base.Engine.connect",
            "orm.Session.commit",
            "orm.Session.execute",
            "orm.Session.flush",
            "orm.Session.get",
            "orm.Session.refresh",
            "orm.Session.scalar",
            "orm.Session.scalars",
        )
    },
    "threading.concurrent_tee": _OF_ITERATORS,
    "threading.serialize_iterator": _OF_ITERATORS,
}
