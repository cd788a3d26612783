"""Conditions of rules for the network: whether a call would really wait, given its arguments.

Like all conditions (:mod:`ginger_async_safe.blocking.conditions`), they do not wait, and change nothing.
"""

# ruff: noqa: ANN401 - the guarded callables determine the parameters

from __future__ import annotations

import re
import select
import socket
from typing import TYPE_CHECKING, Any

from ginger_async_safe.blocking.clauses import (
    NOT_KNOWN,
    RECEIVER,
    Argument,
    Clause,
    HasFlag,
    HasState,
    Immediate,
    IsGiven,
    Satisfies,
    State,
)
from ginger_async_safe.blocking.conditions import false_if_raised, is_zero, no_time
from ginger_async_safe.blocking.immediate import never_waits_if, waits_unless

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import Condition

__all__ = [
    "connecting_waits",
    "getaddrinfo_waits",
    "gethostbyname_waits",
    "getnameinfo_waits",
    "has_files",
    "kqueue_waits",
    "poll_waits",
    "select_waits",
    "socket_blocks",
    "socket_waits",
]

_OF_NUMBERS = re.compile(r"[\da-fA-FxX.]+")
_CONNECTIONLESS = frozenset({socket.SOCK_DGRAM, socket.SOCK_RAW})
_OF_INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})


@never_waits_if(no_time(3), is_method=False)
@false_if_raised(OSError, ValueError, TypeError)
def select_waits(readable: Any, writable: Any, exceptional: Any, *_: object) -> bool:
    """Return whether ``select.select`` waits: not if a descriptor is ready already."""
    # Iterators are left for the call itself: they can be consumed only once.
    return not (
        all(issubclass(type(each), (list, tuple)) for each in (readable, writable, exceptional))
        and any(select.select(readable, writable, exceptional, 0))
    )


def _zero(position: int) -> Clause:
    """Return the clause that a timeout is zero; a negative one means no limit."""
    return Clause(Argument(position, "timeout", None), Satisfies(is_zero))


poll_waits: Condition = waits_unless(_zero(0))
"""Whether the ``poll`` of a poll object waits."""


kqueue_waits: Condition = waits_unless(_zero(2))
"""Whether ``select.kqueue.control`` waits."""


def _is_non_blocking(sock: Any) -> bool:
    """Return whether a socket is in non-blocking mode; of a closed one, the call raises at once."""
    return bool(sock.gettimeout() == 0 or sock.fileno() < 0)


_non_blocking = Clause(RECEIVER, HasState(State.NON_BLOCKING, _is_non_blocking))
_timed = Clause(RECEIVER, HasState(State.TIMED, lambda sock: sock.gettimeout() is not None))


socket_blocks: Condition = waits_unless(_non_blocking)
"""Whether a socket is blocking, or has a timeout."""


def socket_waits(position: int) -> Condition:
    """Return the condition for a socket's method that takes flags.

    With ``MSG_DONTWAIT`` it does not wait, unless the socket has a timeout: then Python waits before the system call.

    Args:
        position: The position of the flags among the arguments, from 0. An address there, as in ``sendto``, is no flag.
    """
    flags = Clause(Argument(position, "flags", 0), HasFlag(("socket.MSG_DONTWAIT",)))
    return waits_unless(_non_blocking, Immediate((flags,), unless=(_timed,)))


_connectionless = Clause(RECEIVER, HasState(State.CONNECTIONLESS, lambda sock: sock.type in _CONNECTIONLESS))
_nameless = Clause(RECEIVER, HasState(State.NAMELESS, lambda sock: sock.family not in _OF_INTERNET))


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


def _needs_no_lookup(address: Any) -> bool:
    """Return whether an address of the internet has no name to resolve; without a host, the call itself raises."""
    return not (isinstance(address, tuple) and address) or (address[0] is not NOT_KNOWN and _is_numeric(address[0]))


connecting_waits: Condition = waits_unless(
    _non_blocking,
    Immediate((_connectionless, _nameless)),
    Immediate((_connectionless, Clause(Argument(0, "address"), Satisfies(_needs_no_lookup)))),
)
"""Whether ``connect`` waits: with datagrams, only to resolve a name; a numeric address is just stored."""


_numeric = Clause(Argument(0, "host"), Satisfies(_is_numeric))
_not_resolved = Clause(Argument(5, "flags", 0), HasFlag(("socket.AI_NUMERICHOST",)))

getaddrinfo_waits: Condition = waits_unless(_numeric, _not_resolved, is_method=False)
"""Whether ``socket.getaddrinfo`` queries name servers: not for a numeric address, nor with ``AI_NUMERICHOST``."""


gethostbyname_waits: Condition = waits_unless(_numeric, is_method=False)
"""Whether ``socket.gethostbyname`` queries name servers."""


getnameinfo_waits: Condition = waits_unless(
    Clause(Argument(1, "flags", 0), HasFlag(("socket.NI_NUMERICHOST",))), is_method=False
)
"""Whether ``socket.getnameinfo`` queries name servers."""


_of_certificates = tuple(
    Clause(Argument(position, name), IsGiven())
    for position, name in ((0, "certfile"), (1, "keyfile"), (0, "cafile"), (1, "capath"))
)


has_files: Condition = waits_unless(Immediate(unless=_of_certificates))
"""Whether certificates are read from files, and not from memory."""
