"""TLS on blocking sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from typing import TYPE_CHECKING

from corpus.helpers import anonymous_tls, echo, serve
from corpus.scenario import ASYNCIO, blocks, cleanup, safe

if TYPE_CHECKING:
    from corpus.scenario import Run


def _server() -> int:
    context = anonymous_tls(ssl.PROTOCOL_TLS_SERVER)

    def secured(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            echo(secure)

    port: int = serve(secured)
    return port


def _plain() -> socket.socket:
    return cleanup.enter_context(socket.create_connection(("127.0.0.1", _server()), timeout=5))


def _secure(*, handshake: bool = True) -> ssl.SSLSocket:
    context = anonymous_tls(ssl.PROTOCOL_TLS_CLIENT)
    return cleanup.enter_context(context.wrap_socket(_plain(), do_handshake_on_connect=handshake))


@blocks("ssl.do_handshake", "ssl.SSLContext.wrap_socket", "ssl.SSLSocket.do_handshake")
def wrap_socket() -> Run:
    """Make the handshake when a socket is wrapped."""
    plain, context = _plain(), anonymous_tls(ssl.PROTOCOL_TLS_CLIENT)

    async def run() -> None:
        cleanup.enter_context(context.wrap_socket(plain))  # HERE

    return run


@blocks("ssl.do_handshake", "ssl.SSLSocket.do_handshake")
def do_handshake() -> Run:
    """Make the handshake."""
    secure = _secure(handshake=False)

    async def run() -> None:
        secure.do_handshake()  # HERE

    return run


@blocks("ssl.connect", "ssl.SSLSocket.connect", "socket.socket.connect")
def connect() -> Run:
    """Connect a socket that is already wrapped."""
    port, context = _server(), anonymous_tls(ssl.PROTOCOL_TLS_CLIENT)
    secure = cleanup.enter_context(context.wrap_socket(socket.socket()))

    async def run() -> None:
        secure.connect(("127.0.0.1", port))  # HERE

    return run


@blocks("ssl.recv", "ssl.SSLSocket.recv", "ssl.SSLSocket.read")
def recv() -> Run:
    """Wait for data."""
    secure = _secure()
    secure.sendall(b"hello")

    async def run() -> None:
        secure.recv(10)  # HERE

    return run


@blocks("ssl.read", "ssl.SSLSocket.read")
def read() -> Run:
    """Wait for data with ``read()``."""
    secure = _secure()
    secure.sendall(b"hello")

    async def run() -> None:
        secure.read(10)  # HERE

    return run


@blocks("ssl.sendall", "ssl.SSLSocket.sendall", "ssl.SSLSocket.send")
def sendall() -> Run:
    """Send data."""
    secure = _secure()

    async def run() -> None:
        secure.sendall(bytes(100_000))  # HERE

    return run


@blocks("ssl.unwrap", "ssl.SSLSocket.unwrap")
def unwrap() -> Run:
    """Wait for the other end to close TLS."""
    secure = _secure()

    async def run() -> None:
        with contextlib.suppress(ssl.SSLError, OSError):
            secure.unwrap()  # HERE

    return run


@blocks("ssl.get_server_certificate", "socket.create_connection")
def get_server_certificate() -> Run:
    """Fetch a server's certificate; this server has none."""
    port = _server()

    async def run() -> None:
        with contextlib.suppress(ssl.SSLError, OSError):
            ssl.get_server_certificate(("127.0.0.1", port), timeout=5)  # HERE

    return run


@blocks("ssl.create_default_context", "ssl.SSLContext.load_default_certs", "ssl.SSLContext.set_default_verify_paths")
def load_certificates() -> Run:
    """Load the machine's certificates from disk."""

    async def run() -> None:
        ssl.create_default_context()  # HERE

    return run


_CERTIFICATES = ("ssl.create_default_context", "ssl.SSLContext.load_default_certs", "asyncio.open_connection")


@blocks(*_CERTIFICATES, loops=ASYNCIO)
def streams_without_context() -> Run:
    """Connect with ``ssl=True``, for which asyncio loads the machine's certificates."""
    port = _server()

    async def run() -> None:
        with contextlib.suppress(ssl.SSLError, OSError):
            await asyncio.open_connection("127.0.0.1", port, ssl=True)  # HERE

    return run


@blocks(*_CERTIFICATES, loops=ASYNCIO)
def connection_without_context() -> Run:
    """Have the loop connect in the same way, in a function that others await."""
    port = _server()

    async def connect() -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(asyncio.Protocol, "127.0.0.1", port, ssl=True)  # HERE

    async def run() -> None:
        with contextlib.suppress(ssl.SSLError, OSError):
            await asyncio.create_task(connect())

    return run


@safe(loops=ASYNCIO)
def streams_with_context() -> Run:
    """Connect with a context that was made at start-up."""
    port, context = _server(), anonymous_tls(ssl.PROTOCOL_TLS_CLIENT)

    async def run() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.close()

    return run
