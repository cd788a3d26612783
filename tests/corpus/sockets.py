"""Blocking sockets and name lookups, without the loop."""

from __future__ import annotations

import contextlib
import socket
import socketserver
from typing import TYPE_CHECKING

from corpus.helpers import echo, refused, serve, soon, talk, text_file
from corpus.scenario import blocks, cleanup

if TYPE_CHECKING:
    from corpus.scenario import Run


def _connected() -> socket.socket:
    return cleanup.enter_context(socket.create_connection(("127.0.0.1", serve(echo))))


def _pair() -> tuple[socket.socket, socket.socket]:
    near, far = socket.socketpair()
    return cleanup.enter_context(near), cleanup.enter_context(far)


@blocks("socket.connect", "socket.socket.connect")
def connect() -> Run:
    """Connect."""
    port = serve(echo)
    client = cleanup.enter_context(socket.socket())

    async def run() -> None:
        client.connect(("127.0.0.1", port))  # HERE

    return run


@blocks("socket.connect", "socket.socket.connect")
def connect_to_nobody() -> Run:
    """Connect to a port that refuses."""
    port = refused()
    client = cleanup.enter_context(socket.socket())

    async def run() -> None:
        with contextlib.suppress(ConnectionRefusedError):
            client.connect(("127.0.0.1", port))  # HERE

    return run


@blocks("socket.connect_ex", "socket.socket.connect_ex")
def connect_ex() -> Run:
    """Connect, with an error number instead of an exception."""
    port = serve(echo)
    client = cleanup.enter_context(socket.socket())

    async def run() -> None:
        client.connect_ex(("127.0.0.1", port))  # HERE

    return run


@blocks("socket.create_connection", "socket.getaddrinfo", "socket.socket.connect")
def create_connection() -> Run:
    """Look up a name and connect in one call."""
    port = serve(echo)

    async def run() -> None:
        cleanup.enter_context(socket.create_connection(("127.0.0.1", port)))  # HERE

    return run


@blocks("socket.connect", "socket.socket.connect")
def connect_unix() -> Run:
    """Connect to a Unix socket."""
    path = serve(echo, socket.AF_UNIX)
    client = cleanup.enter_context(socket.socket(socket.AF_UNIX))

    async def run() -> None:
        client.connect(path)  # HERE

    return run


@blocks("socket.accept", "socket.socket.accept", "socket.socket._accept")
def accept() -> Run:
    """Wait for a client to connect."""
    listener = cleanup.enter_context(socket.create_server(("127.0.0.1", 0)))
    client = cleanup.enter_context(socket.socket())
    trigger = soon(lambda: client.connect(listener.getsockname()))

    async def run() -> None:
        trigger()
        cleanup.enter_context(listener.accept()[0])  # HERE

    return run


@blocks("socket.recv", "socket.socket.recv")
def recv() -> Run:
    """Wait for data."""
    near, far = _pair()
    trigger = soon(lambda: far.sendall(b"hello"))

    async def run() -> None:
        trigger()
        near.recv(10)  # HERE

    return run


@blocks("socket.recv", "socket.socket.recv")
def recv_with_timeout() -> Run:
    """Wait for data, with a timeout."""
    near, far = _pair()
    near.settimeout(5)
    trigger = soon(lambda: far.sendall(b"hello"))

    async def run() -> None:
        trigger()
        near.recv(10)  # HERE

    return run


@blocks("socket.recv_into", "socket.socket.recv_into")
def recv_into() -> Run:
    """Wait for data that goes into a buffer."""
    near, far = _pair()
    buffer = bytearray(10)
    trigger = soon(lambda: far.sendall(b"hello"))

    async def run() -> None:
        trigger()
        near.recv_into(buffer)  # HERE

    return run


@blocks("socket.recvfrom", "socket.socket.recvfrom")
def recvfrom() -> Run:
    """Wait for a datagram."""
    receiver, sender = (cleanup.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in range(2))
    receiver.bind(("127.0.0.1", 0))
    trigger = soon(lambda: sender.sendto(b"hello", receiver.getsockname()))

    async def run() -> None:
        trigger()
        receiver.recvfrom(10)  # HERE

    return run


@blocks("socket.recvmsg", "socket.socket.recvmsg")
def recvmsg() -> Run:
    """Wait for a message."""
    near, far = _pair()
    trigger = soon(lambda: far.sendall(b"hello"))

    async def run() -> None:
        trigger()
        near.recvmsg(10)  # HERE

    return run


@blocks("socket.send", "socket.socket.send")
def send() -> Run:
    """Send to a peer whose buffers are full."""
    near, far = _pair()
    near.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            near.send(bytes(65536))
    near.setblocking(True)
    trigger = soon(lambda: far.recv(10_000_000))

    async def run() -> None:
        trigger()
        near.send(bytes(1000))  # HERE

    return run


@blocks("socket.sendall", "socket.socket.sendall")
def sendall() -> Run:
    """Send more than the buffers hold."""
    client = _connected()
    client.settimeout(1)

    async def run() -> None:
        with contextlib.suppress(TimeoutError):
            client.sendall(bytes(1_000_000))  # HERE

    return run


@blocks("socket.sendto", "socket.socket.sendto")
def sendto() -> Run:
    """Send a datagram on a blocking socket."""
    receiver, sender = (cleanup.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in range(2))
    receiver.bind(("127.0.0.1", 0))
    address = receiver.getsockname()

    async def run() -> None:
        sender.sendto(b"hello", address)  # HERE

    return run


@blocks("socket.sendmsg", "socket.socket.sendmsg")
def sendmsg() -> Run:
    """Send a message on a blocking socket."""
    near, _ = _pair()

    async def run() -> None:
        near.sendmsg([b"hello"])  # HERE

    return run


@blocks("socket.socket.sendfile", "os.fstat", "os.sendfile")
def sendfile() -> Run:
    """Send a file."""
    near, _ = _pair()
    file = cleanup.enter_context(text_file().open("rb"))

    async def run() -> None:
        near.sendfile(file)  # HERE

    return run


@blocks("socket.recv_into", "io.BufferedReader.readline", "socket.SocketIO.readinto", "socket.socket.recv_into")
def readline_of_makefile() -> Run:
    """Wait for a line of a socket's file."""
    near, far = _pair()
    lines = near.makefile("rb")
    trigger = soon(lambda: far.sendall(b"hello\n"))

    async def run() -> None:
        trigger()
        lines.readline()  # HERE

    return run


@blocks("select.poll", "socketserver.BaseServer.handle_request", "selectors.PollSelector.select", "select.poll.poll")
def handle_request() -> Run:
    """Wait for a request in a server."""
    server = cleanup.enter_context(socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler))
    client = cleanup.enter_context(socket.socket())
    trigger = soon(lambda: client.connect(server.server_address))

    async def run() -> None:
        trigger()
        server.handle_request()  # HERE

    return run


@blocks("socket.getaddrinfo")
def getaddrinfo() -> Run:
    """Look up a name."""

    async def run() -> None:
        socket.getaddrinfo("localhost", 80)  # HERE

    return run


@blocks("socket.gethostbyname")
def gethostbyname() -> Run:
    """Look up a name with the older function."""

    async def run() -> None:
        socket.gethostbyname("localhost")  # HERE

    return run


@blocks("socket.gethostbyaddr")
def gethostbyaddr() -> Run:
    """Look up an address."""

    async def run() -> None:
        with contextlib.suppress(socket.herror):
            socket.gethostbyaddr("127.0.0.1")  # HERE

    return run


@blocks("socket.getnameinfo")
def getnameinfo() -> Run:
    """Look up an address and a port."""

    async def run() -> None:
        socket.getnameinfo(("127.0.0.1", 80), 0)  # HERE

    return run


@blocks("socket.getfqdn", "socket.gethostbyaddr")
def getfqdn() -> Run:
    """Look up this machine's own name."""

    async def run() -> None:
        socket.getfqdn("localhost")  # HERE

    return run


@blocks("http.client.HTTPConnection.getresponse", "io.BufferedReader.readline", "socket.socket.recv_into")
def http_answer() -> Run:
    """Wait for an HTTP server's response, on a connection on which the request was sent earlier."""
    from http.client import HTTPConnection  # noqa: PLC0415 - only this scenario speaks HTTP

    slow = serve(lambda connection: (connection.recv(1000), talk(b"HTTP/1.0 204 No Content\r\n\r\n")(connection)))
    connection = HTTPConnection("127.0.0.1", slow, timeout=5)
    cleanup.callback(connection.close)
    connection.request("GET", "/")

    async def run() -> None:
        connection.getresponse()  # HERE

    return run
