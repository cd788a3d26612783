"""Conditions of rules for the network: whether a call would really wait, given its arguments.

Like all conditions (:mod:`ginger_async_safe.blocking.conditions`), they do not wait, and change nothing.
"""

# ruff: noqa: ANN401 - the guarded callables determine the parameters

from __future__ import annotations

import re
import select
import socket
from typing import TYPE_CHECKING, Any

from ginger_async_safe.blocking.conditions import false_if_raised, may_wait
from ginger_async_safe.blocking.immediate import never_waits_with

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "connecting_waits",
    "getaddrinfo_waits",
    "gethostbyname_waits",
    "getnameinfo_waits",
    "has_files",
    "kqueue_waits",
    "poll_waits",
    "select_waits",
    "sending_to_waits",
    "socket_blocks",
    "socket_waits",
]

_OF_NUMBERS = re.compile(r"[\da-fA-FxX.]+")
_CONNECTIONLESS = frozenset({socket.SOCK_DGRAM, socket.SOCK_RAW})
_DONT_WAIT = getattr(socket, "MSG_DONTWAIT", 0)


@never_waits_with(is_method=False, timeout=0)
@false_if_raised(OSError, ValueError, TypeError)
def select_waits(readable: Any, writable: Any, exceptional: Any, timeout: object = None) -> bool:
    """Return whether ``select.select`` waits: not if a descriptor is ready already."""
    if not may_wait(timeout):
        return False
    # Iterators are left for the call itself: they can be consumed only once.
    return not (
        all(issubclass(type(each), (list, tuple)) for each in (readable, writable, exceptional))
        and any(select.select(readable, writable, exceptional, 0))
    )


@never_waits_with(timeout=0)
def poll_waits(_poll: object, timeout: object = None, *_: object, **__: object) -> bool:
    """Return whether the ``poll`` of a poll object waits."""
    return not _is_zero(timeout)


@never_waits_with(timeout=0)
def kqueue_waits(_kqueue: object, _changes: object, _most: int, timeout: float | None = None) -> bool:
    """Return whether ``select.kqueue.control`` waits."""
    return not _is_zero(timeout)


def _is_zero(timeout: object) -> bool:
    """Return whether a timeout is zero; a negative one means no limit here, and a value that is no number is invalid."""
    return issubclass(type(timeout), (int, float)) and timeout == 0


def socket_blocks(sock: Any, *_: object, **__: object) -> bool:
    """Return whether a socket is blocking, or has a timeout."""
    return bool(sock.gettimeout() != 0) and sock.fileno() >= 0


def socket_waits(position: int) -> Callable[..., bool]:
    """Return the condition for a socket's method that takes flags.

    With ``MSG_DONTWAIT`` it does not wait, unless the socket has a timeout: then Python waits before the system call.

    Args:
        position: The position of the flags among the arguments, from 0.
    """

    def waits(sock: Any, *arguments: Any, **named: Any) -> bool:
        timeout = sock.gettimeout() if sock.fileno() >= 0 else 0
        flags = arguments[position] if len(arguments) > position else named.get("flags", 0)
        return bool(timeout != 0) and not (timeout is None and isinstance(flags, int) and flags & _DONT_WAIT)

    return waits


_flags_are_second = socket_waits(1)


def sending_to_waits(sock: Any, *arguments: Any) -> bool:
    """Return whether ``sendto`` waits, whose flags are optional, before the address."""
    return _flags_are_second(sock, *(arguments if len(arguments) > 2 else arguments[:1]))  # noqa: PLR2004 - with flags


def connecting_waits(sock: Any, address: Any = None, *_: object) -> bool:
    """Return whether ``connect`` waits: with datagrams, only to resolve a name; a numeric address is just stored."""
    if sock.gettimeout() == 0:
        return False
    if sock.type not in _CONNECTIONLESS:
        return True
    is_of_internet = sock.family in {socket.AF_INET, socket.AF_INET6}
    return is_of_internet and isinstance(address, tuple) and bool(address) and not _is_numeric(address[0])


def getaddrinfo_waits(host: Any = None, *arguments: Any, **named: Any) -> bool:
    """Return whether ``socket.getaddrinfo`` queries name servers: not for a numeric address, nor with ``AI_NUMERICHOST``."""
    flags = arguments[4] if len(arguments) > 4 else named.get("flags", 0)  # noqa: PLR2004 - after port, family, type, proto
    return host is not None and not (isinstance(flags, int) and flags & socket.AI_NUMERICHOST) and not _is_numeric(host)


def gethostbyname_waits(host: Any = None, *_: object) -> bool:
    """Return whether ``socket.gethostbyname`` queries name servers."""
    return not _is_numeric(host)


def getnameinfo_waits(_address: object = None, flags: Any = 0, *_: object) -> bool:
    """Return whether ``socket.getnameinfo`` queries name servers."""
    return not (isinstance(flags, int) and flags & socket.NI_NUMERICHOST)


def _is_numeric(host: object) -> bool:
    """Return whether a host is a numeric address, with or without a zone (RFC 4007); an empty text is any local address."""
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    if not isinstance(host, str):
        return True  # the call itself will raise an error
    host = str.__str__(host)
    if host in {"", "<broadcast>"}:
        return True
    if _OF_NUMBERS.fullmatch(host) and _is_short_address(host):
        return True
    return _is_address(socket.AF_INET, host) or _is_address(socket.AF_INET6, host.partition("%")[0])


@false_if_raised(OSError, ValueError)
def _is_short_address(text: str) -> bool:
    """Return whether a text is an address that inet(3) parses, such as ``127.1``."""
    return bool(socket.inet_aton(text))


@false_if_raised(OSError, ValueError)
def _is_address(family: int, text: str) -> bool:
    return bool(socket.inet_pton(family, text))


def has_files(_context: object, *files: object, **named: object) -> bool:
    """Return whether certificates are read from files, and not from memory."""
    return any(files[:2]) or any(named.get(name) for name in ("certfile", "cafile", "capath"))
