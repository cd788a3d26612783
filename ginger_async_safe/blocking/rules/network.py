"""Waiting for another machine."""

from __future__ import annotations

import sys

from ginger_async_safe.blocking import conditions
from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["NETWORK"]

_OF_SOCKETS = [
    "_accept",
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
]
_ON_LOOP = "await asyncio.get_running_loop()"
_OF_LOOPS = {
    "_accept": "sock_accept",
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
_WHEN_READY = "asyncio.get_running_loop().add_reader(...)"
_OF_TLS = ("connect", "do_handshake", "read", "recv", "recv_into", "send", "sendall", "unwrap", "write")
_OF_NAMES = ("getaddrinfo", "gethostbyaddr", "gethostbyname", "gethostbyname_ex", "getnameinfo")

NETWORK = (
    *(
        BlockingCall(
            f"_socket.socket.{name}",
            id=f"socket.{name.lstrip('_')}",
            mend=f"{_ON_LOOP}.{_OF_LOOPS[name]}(...)" if name in _OF_LOOPS else "",
            category="network",
            reason="it waits for the other end of a socket",
            blocks=conditions.socket_blocks,
            shape="socket",
        )
        for name in _OF_SOCKETS
    ),
    *(
        BlockingCall(
            f"ssl.SSLSocket.{name}",
            id=f"ssl.{name}",
            mend=_TLS,
            category="network",
            reason="it waits for the other end of a TLS connection",
            blocks=conditions.socket_blocks,
        )
        for name in _OF_TLS
    ),
    *(
        BlockingCall(
            f"socket.{name}",
            mend=f"{_ON_LOOP}.{'getnameinfo' if name in {'getnameinfo', 'gethostbyaddr'} else 'getaddrinfo'}(...)",
            category="network",
            reason="it asks name servers, and waits for the answer",
        )
        for name in _OF_NAMES
    ),
    BlockingCall(
        "select.select",
        mend=_WHEN_READY,
        category="network",
        reason="it waits until one of many is ready",
        blocks=conditions.select_waits,
    ),
    *(
        BlockingCall(
            f"select.{kind}.poll",
            id="select.poll",
            mend=_WHEN_READY,
            category="network",
            reason="it waits until one of many is ready",
            blocks=conditions.poll_waits,
            shape="poll" if kind == "epoll" else "call",
        )
        for kind in ("epoll", "poll()")
        if kind != "epoll" or sys.platform == "linux"
    ),
    BlockingCall(
        "select.kqueue.control",
        id="select.kqueue",
        mend=_WHEN_READY,
        category="network",
        reason="it waits until one of many is ready",
        blocks=conditions.kqueue_waits,
    ),
    BlockingCall(
        "socket.socket.sendfile",
        mend=f"{_ON_LOOP}.sock_sendfile(...)",
        category="network",
        reason="it waits for a file, and for the other end of a socket",
        blocks=conditions.socket_blocks,
    ),
    *(
        BlockingCall(
            f"_ssl._SSLContext.{name}",
            id=f"ssl.SSLContext.{name}",
            category="files",
            reason="it reads certificates from files",
            blocks=conditions.has_files,
        )
        for name in ("load_cert_chain", "load_verify_locations")
    ),
    *(
        BlockingCall(
            f"{owner}.{name}",
            id=f"ssl.SSLContext.{name}",
            category="files",
            reason="it reads the system's certificates from files",
        )
        for owner, name in (("ssl.SSLContext", "load_default_certs"), ("_ssl._SSLContext", "set_default_verify_paths"))
    ),
    *(
        BlockingCall(
            f"signal.{name}",
            mend="asyncio.get_running_loop().add_signal_handler(...)",
            category="network",
            reason="it waits for a signal",
        )
        for name in ("pause", "sigtimedwait", "sigwait", "sigwaitinfo")
    ),
    BlockingCall(
        "socket.create_connection",
        mend="await asyncio.open_connection(...)",
        category="network",
        reason="it waits until the other end accepts",
    ),
)
