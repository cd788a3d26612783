"""Helpers of the scenarios: threads that release something, servers, free ports."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import threading
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.scenario import cleanup, workdir

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "anonymous_tls",
    "echo",
    "held",
    "http_server",
    "lasting",
    "on_stdin",
    "ready_anyio",
    "refused",
    "serve",
    "signalled",
    "soon",
    "talk",
    "text_file",
    "wait_for_file",
]

_PAUSE = 0.03  # seconds: long enough for a call to begin waiting


def soon(action: Callable[[], object]) -> Callable[[], None]:
    """Return a function that makes a thread do something shortly after it was called.

    It acquires no lock, so that no guard reports it.
    """
    triggered: list[None] = []

    def wait() -> None:
        while not triggered:
            time.sleep(0.002)
        time.sleep(_PAUSE)
        action()

    threading.Thread(target=wait, daemon=True).start()

    def trigger() -> None:
        triggered.append(None)

    return trigger


def lasting() -> tuple[Callable[[], object], Callable[[], None]]:
    """Return a function for a thread, which ends shortly after the other returned function was called."""
    over = threading.Event()
    return over.wait, soon(over.set)


def held(lock: Any) -> Callable[[], None]:
    """Hold a lock in a thread until shortly after the returned function was called."""
    taken = threading.Event()
    triggered: list[None] = []

    def hold() -> None:
        with lock:
            taken.set()
            while not triggered:
                time.sleep(0.002)
            time.sleep(_PAUSE)

    threading.Thread(target=hold, daemon=True).start()
    taken.wait()

    def trigger() -> None:
        triggered.append(None)

    return trigger


def text_file(text: str = "one\ntwo\nthree\n") -> Path:
    """Return the path of a file with some lines of text."""
    path = workdir() / "lines.txt"
    path.write_text(text, encoding="utf-8")
    return path


def serve(talk: Callable[[socket.socket], object], family: int = socket.AF_INET) -> Any:
    """Serve connections in threads; return the port, or the path of a Unix socket."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    cleanup.callback(listener.close)
    listener.bind(("127.0.0.1", 0) if family == socket.AF_INET else str(workdir() / "socket"))
    listener.listen()

    def one(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, ValueError):
            talk(connection)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    name = listener.getsockname()
    return name[1] if family == socket.AF_INET else name


def echo(connection: socket.socket) -> None:
    """Send back what arrives, after a moment."""
    while data := connection.recv(65536):
        time.sleep(0.005)
        connection.sendall(data)


def talk(*answers: bytes) -> Callable[[socket.socket], None]:
    """Send the first line, then one line for each that arrives, until there are no more."""

    def say(connection: socket.socket) -> None:
        heard = connection.makefile("rb")
        for number, answer in enumerate(answers):
            if number and not heard.readline():
                return
            connection.sendall(answer)
        heard.readline()

    return say


def http_server(body: bytes = b"{}", headers: str = "", status: str = "200 OK") -> int:
    """Send the same response to each HTTP request, after a moment, and return the port."""
    kind = "" if "content-type" in headers.lower() else "Content-Type: application/json\r\n"
    head = f"HTTP/1.1 {status}\r\n{kind}{headers}Content-Length: {len(body)}\r\n\r\n".encode()

    def answer(connection: socket.socket) -> None:
        heard = connection.makefile("rb")
        while heard.readline():
            length = 0
            while (line := heard.readline()).strip():
                name, _, value = line.decode("latin-1").partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            heard.read(length)
            time.sleep(0.005)
            connection.sendall(head + body)

    port: int = serve(answer)
    return port


def refused() -> int:
    """Return a port on which no server listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def anonymous_tls(side: int) -> ssl.SSLContext:
    """Return a TLS context for two ends in this process, which needs no certificate."""
    context = ssl.SSLContext(side)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aNULL:@SECLEVEL=0")
    return context


def signalled(number: int) -> Callable[[], None]:
    """Return a function that makes a thread send this process a signal shortly after it was called."""
    return soon(lambda: signal.pthread_kill(threading.main_thread().ident or 0, number))


def on_stdin(line: bytes) -> Callable[[], None]:
    """Replace standard input by a pipe, and return a function that makes a thread write to it shortly after it was called."""
    reader, writer = os.pipe()
    os.dup2(reader, 0)
    os.close(reader)
    return soon(lambda: os.write(writer, line))


def ready_anyio() -> Any:
    """Return anyio, after importing what it would import on the loop at its first use."""
    import_module("anyio._backends._asyncio")
    if find_spec("trio") is not None:
        import_module("anyio._backends._trio")
    return import_module("anyio")


def wait_for_file(path: str) -> None:
    """Wait until a file exists, in another process, which imports this function by its name."""
    while not Path(path).exists():
        time.sleep(0.002)
