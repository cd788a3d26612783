"""Conditions of rules: whether a call would wait, as far as its known arguments show.

The guard evaluates conditions on real arguments (:mod:`ginger_async_safe.blocking.conditions`); here they are evaluated on
abstract values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.blocking.conditions_network import getaddrinfo_waits
from ginger_async_safe.blocking.immediate import immediate_arguments
from ginger_async_safe.blocking.in_memory import database_is_on_disk
from ginger_async_safe.lint.domain.values import Constant, External, Fact, Instance, TupleValue

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.scopes import Arguments

__all__ = ["TRYING", "is_in_memory", "may_wait"]

_OF_DESCRIPTORS = frozenset(
    {
        *("os.read", "os.readinto", "os.readv", "os.pread", "os.preadv"),
        *("os.write", "os.writev", "os.pwrite", "os.pwritev"),
        *("os.eventfd_read", "os.sendfile", "os.splice", "file.truncate"),
    }
)
TRYING = frozenset(
    {
        *("os.WNOHANG", "os.F_TEST", "os.F_TLOCK", "os.F_ULOCK", "os.SPLICE_F_NONBLOCK"),
        *("fcntl.LOCK_NB", "fcntl.LOCK_UN"),
        *("socket.MSG_DONTWAIT", "socket.AI_NUMERICHOST", "socket.NI_NUMERICHOST"),
    }
)
"""Flags that make a call not wait, also in combination with others."""

_WAITING_FOR_LOCK = frozenset({"fcntl.F_SETLKW", "fcntl.F_OFD_SETLKW"})
_OPENED = (External("io.BytesIO"), External("io.StringIO"), External("os.open()"))
_OF_NAMES = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyname_ex"})
_OF_CONNECTING = frozenset({"socket.connect", "socket.connect_ex"})
_UNBOUNDED = frozenset({"queue.Queue.put", "multiprocessing.Queue.put", "concurrent.interpreters.Queue.put"})
_CONNECTING = frozenset({"smtplib.SMTP.connect", "ftplib.FTP.connect"})
_CERTIFICATES = frozenset({"ssl.SSLContext.load_cert_chain", "ssl.SSLContext.load_verify_locations"})


def may_wait(rule: BlockingCall, arguments: Arguments, receiver: Value | None) -> bool:
    """Return whether a call may wait.

    Args:
        rule: Its rule.
        arguments: Its arguments.
        receiver: The object whose method it is, if it is one.
    """
    name = rule.id
    given = (*arguments.positional, *(value for _, value in arguments.named))
    if any(isinstance(value, External) and value.name in TRYING for value in given):
        return False
    if name == "fcntl.fcntl":
        return any(isinstance(value, External) and value.name in _WAITING_FOR_LOCK for value in given)
    if name in _OF_NAMES and _is_numeric(arguments.get(0, "host")):
        return False
    if name in _OF_CONNECTING and _is_for_datagrams(receiver) and _is_numeric(_first(arguments.get(0))):
        return False
    if (
        name.startswith("sqlite3.") and rule.blocks is not None
    ):  # unless the settings say that databases in memory count
        if name == "sqlite3.connect" and is_in_memory(arguments):
            return False
        if isinstance(receiver, Instance) and Fact.IN_MEMORY in receiver.facts:
            return _attaches(arguments)
    if name.startswith(("socket.", "ssl.")) and name not in _CERTIFICATES and isinstance(receiver, Instance):
        return Fact.NON_BLOCKING not in receiver.facts
    if name == "file.write" and isinstance(receiver, Instance):  # closing what was only read writes nothing
        return Fact.WRITTEN in receiver.facts
    if name in _OF_DESCRIPTORS:  # other descriptors are usually non-blocking, for the event loop to watch
        first = arguments.get(0)
        return isinstance(first, Instance) and first.cls == External("os.open()")
    if name == "file.open" and _is_of_object(arguments):
        return False
    if isinstance(receiver, Instance) and Fact.DONE in receiver.facts:
        return False
    if name in _UNBOUNDED and not _has_bound(receiver):
        return False
    if name in _CONNECTING and receiver is None:  # the constructor, which connects if it gets a host
        return _is_given(arguments.get(0, "host")) or not arguments.is_complete
    if name in _CERTIFICATES:
        return any(_is_given(arguments.get(index, name)) for index, name in enumerate(("certfile", "capath"))) or any(
            _is_given(arguments.get(-1, name)) for name in ("cafile", "keyfile")
        )
    for each in immediate_arguments(rule):
        value = arguments.get(each.position, each.name)
        if isinstance(value, Constant) and value.value is not None and value.value == each.value:
            return False
    return True


def _is_of_object(arguments: Arguments) -> bool:
    """Return whether the argument is an open object, such as an ``io.BytesIO`` or a descriptor number."""
    first = arguments.get(0, "file")
    is_object = isinstance(first, Instance) and first.cls in _OPENED
    is_object = is_object or (isinstance(first, Constant) and isinstance(first.value, int))
    return is_object or _is_given(arguments.get(-1, "fileobj"))


def _has_bound(queue: Value | None) -> bool:
    """Return whether a queue can be full."""
    return isinstance(queue, Instance) and Fact.BOUNDED in queue.facts


def _is_given(value: Value | None) -> bool:
    return (
        value is not None
        and not (isinstance(value, Constant) and not value.value)
        and not isinstance(value, TupleValue)
    )


def is_in_memory(arguments: Arguments) -> bool:
    """Return whether ``sqlite3.connect`` is given the name of a database in memory."""
    name = arguments.get(0, "database")
    return isinstance(name, Constant) and isinstance(name.value, str) and not database_is_on_disk(name.value)


def _attaches(arguments: Arguments) -> bool:
    """Return whether an SQL statement attaches a database file to a database in memory."""
    statement = arguments.get(0, "sql")
    return isinstance(statement, Constant) and "attach" in str(statement.value).lower()


def _is_numeric(host: Value | None) -> bool:
    """Return whether a host is known to be a numeric address, or the wildcard."""
    return isinstance(host, Constant) and not getaddrinfo_waits(host.value)


def _first(value: Value | None) -> Value | None:
    return value.items[0] if isinstance(value, TupleValue) and value.items else None


def _is_for_datagrams(receiver: Value | None) -> bool:
    return isinstance(receiver, Instance) and Fact.DATAGRAMS in receiver.facts
