"""Rules for sockets, TLS, name servers, selectors and signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.blocking import conditions, conditions_network
from ginger_async_safe.blocking.calls import BlockingCall

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import Condition

__all__ = ["NETWORK", "OF_SOCKETS"]

OF_SOCKETS = (
    "accept",
    "connect",
    "connect_ex",
    "recv",
    "recv_into",
    "recvfrom",
    "recvfrom_into",
    "recvmsg",
    "recvmsg_into",
    "send",
    "sendall",
    "sendmsg",
    "sendto",
)
"""The methods of sockets that wait for the peer."""

_CONDITIONS: dict[str, Condition] = {
    "connect": conditions_network.connecting_waits,
    "connect_ex": conditions_network.connecting_waits,
    **{name: conditions_network.socket_waits(1) for name in ("recv", "recvfrom", "send", "sendall", "sendto")},
    **{
        name: conditions_network.socket_waits(2)
        for name in ("recv_into", "recvfrom_into", "recvmsg", "recvmsg_into", "sendmsg")
    },
}
_ON_LOOP = "await asyncio.get_running_loop()"
_OF_LOOPS = {
    "accept": "sock_accept",
    "connect": "sock_connect",
    "connect_ex": "sock_connect",
    "recv": "sock_recv",
    "recv_into": "sock_recv_into",
    "recvfrom": "sock_recvfrom",
    "recvfrom_into": "sock_recvfrom_into",
    "send": "sock_sendall",
    "sendall": "sock_sendall",
    "sendto": "sock_sendto",
}
_TLS = "await asyncio.open_connection(..., ssl=context)"
_CONTEXT = "ssl=context, of one context = ssl.create_default_context() that is made before the loop starts"
_WHEN_READY = "asyncio.get_running_loop().add_reader(...)"
_OF_TLS = ("connect", "do_handshake", "read", "recv", "recv_into", "send", "sendall", "sendfile", "unwrap", "write")
_OF_NAMES: dict[str, Condition | None] = {
    "getaddrinfo": conditions_network.getaddrinfo_waits,
    "gethostbyaddr": None,
    "gethostbyname": conditions_network.gethostbyname_waits,
    "gethostbyname_ex": conditions_network.gethostbyname_waits,
    "getnameinfo": conditions_network.getnameinfo_waits,
}
_OF_SIGNALS: dict[str, Condition | None] = {
    "pause": None,
    "sigtimedwait": conditions.signal_is_waited_for,
    "sigwait": conditions.signal_is_not_there,
    "sigwaitinfo": conditions.signal_is_not_there,
}

NETWORK = (
    *(
        BlockingCall(
            f"_socket.socket.{'_accept' if name == 'accept' else name}",
            id=f"socket.{name}",
            fix=f"{_ON_LOOP}.{_OF_LOOPS[name]}(...)" if name in _OF_LOOPS else "",
            category="network",
            reason="it waits for the peer of a socket",
            blocks=_CONDITIONS.get(name, conditions_network.socket_blocks),
            shape="socket",
        )
        for name in OF_SOCKETS
    ),
    *(
        BlockingCall(
            f"ssl.SSLSocket.{name}",
            id=f"ssl.{name}",
            fix=_TLS,
            category="network",
            reason="it waits for the peer of a TLS connection",
            blocks=conditions_network.socket_blocks,
        )
        for name in _OF_TLS
    ),
    *(
        BlockingCall(
            f"socket.{name}",
            fix=f"{_ON_LOOP}.{'getnameinfo' if name in {'getnameinfo', 'gethostbyaddr'} else 'getaddrinfo'}(...)",
            category="network",
            reason="it queries name servers, and waits for the answer",
            blocks=condition,
        )
        for name, condition in _OF_NAMES.items()
    ),
    BlockingCall(
        "select.select",
        fix=_WHEN_READY,
        category="network",
        reason="it waits until one of several file descriptors is ready",
        blocks=conditions_network.select_waits,
    ),
    *(
        BlockingCall(
            f"select.{kind}.poll",
            id="select.poll",
            fix=_WHEN_READY,
            category="network",
            reason="it waits until one of several file descriptors is ready",
            blocks=conditions_network.poll_waits,
            shape="poll" if kind == "epoll" else "call",
            is_optional=True,
        )
        for kind in ("epoll", "poll()")
    ),
    BlockingCall(
        "select.kqueue.control",
        id="select.kqueue",
        fix=_WHEN_READY,
        category="network",
        reason="it waits until one of several file descriptors is ready",
        blocks=conditions_network.kqueue_waits,
        is_optional=True,
    ),
    BlockingCall(
        "socket.socket.sendfile",
        fix=f"{_ON_LOOP}.sock_sendfile(...)",
        category="network",
        reason="it waits for a file, and for the peer of a socket",
        blocks=conditions_network.socket_blocks,
    ),
    *(
        BlockingCall(
            f"_ssl._SSLContext.{name}",
            id=f"ssl.SSLContext.{name}",
            category="files",
            reason="it reads certificates from files",
            blocks=conditions_network.has_files,
        )
        for name in ("load_cert_chain", "load_verify_locations")
    ),
    *(
        BlockingCall(
            f"{owner}.{name}",
            id=f"ssl.SSLContext.{name}",
            fix=_CONTEXT,
            category="files",
            reason="it reads the system's certificates from files, in 4 to 80 ms each time; ssl=True has asyncio do that",
        )
        for owner, name in (("ssl.SSLContext", "load_default_certs"), ("_ssl._SSLContext", "set_default_verify_paths"))
    ),
    *(
        BlockingCall(
            f"signal.{name}",
            fix="asyncio.get_running_loop().add_signal_handler(...)",
            category="network",
            reason="it waits for a signal",
            blocks=condition,
            is_optional=True,
        )
        for name, condition in _OF_SIGNALS.items()
    ),
    BlockingCall(
        "socket.create_connection",
        fix="await asyncio.open_connection(...)",
        category="network",
        reason="it waits until the peer accepts the connection",
    ),
)
