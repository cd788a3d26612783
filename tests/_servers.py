"""Real ASGI servers, each in its own process: on a free port of 127.0.0.1, plain or with TLS, or on a Unix socket."""

from __future__ import annotations

import contextlib
import enum
import http.client
import os
import socket
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

SERVERS = ("uvicorn", "hypercorn", "daphne", "granian")
TIMEOUT = 30  # seconds
_ATTEMPTS = 3
_HOST = "127.0.0.1"
_CERTIFICATE, _KEY, _SOCKET = "certificate.pem", "key.pem", "server.sock"


class Over(enum.Enum):
    """What a server speaks HTTP over."""

    TCP = "tcp"
    TLS = "tls"
    UNIX = "unix"


@dataclass
class Answer:
    """A server's response."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A running server.

    Attributes:
        port: The port on 127.0.0.1 where it listens, if it is not on a Unix socket.
        process: Its process; some servers work in children of it.
        directory: Its working directory.
        over: What it speaks HTTP over.
        log: The file of its output.
    """

    port: int
    process: subprocess.Popen[bytes]
    directory: Path
    over: Over
    log: Path

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self.process.pid

    def processes(self) -> list[int]:
        """Return the server's process and its children."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        return [self.pid, *map(int, children.split())]

    def fetch(self, path: str, method: str = "GET", body: bytes | None = None) -> Answer:
        """Send one request and return the response."""
        with contextlib.closing(self._connection()) as connection:
            connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"})
            with connection.getresponse() as response:
                headers = {name.lower(): value for name, value in response.getheaders()}
                return Answer(response.status, headers, response.read())

    def trusted(self) -> ssl.SSLContext:
        """Return a TLS context that trusts its certificate, and no other."""
        return ssl.create_default_context(cafile=str(self.directory / _CERTIFICATE))

    def end(self) -> int:
        """Stop the server, and return its exit code.

        Raises:
            subprocess.TimeoutExpired: If it does not end.
        """
        self.process.terminate()
        return self.process.wait(TIMEOUT)

    def output(self) -> str:
        """Return what it has printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _connection(self) -> http.client.HTTPConnection:
        if self.over is Over.UNIX:
            return _UnixConnection(self.directory / _SOCKET)
        if self.over is Over.TLS:
            return http.client.HTTPSConnection(_HOST, self.port, timeout=TIMEOUT, context=self.trusted())
        return http.client.HTTPConnection(_HOST, self.port, timeout=TIMEOUT)


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket.

    Args:
        path: The socket's path.
    """

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = _connected(self._path)


def arguments_of(
    name: str, application: str, port: int, options: Sequence[str] = (), over: Over = Over.TCP
) -> list[str]:
    """Return the arguments with which a server serves an application, for its command or its module.

    Args:
        name: One of :data:`SERVERS`, or gunicorn, with uvicorn's worker.
        application: The application, as ``module:name``.
        port: The port to listen on, if it is not on a Unix socket.
        options: More options, which override others.
        over: What it speaks HTTP over.
    """
    return [*_listening(name, over, port), *_ALWAYS.get(name, ()), *options, application]


def _listening(name: str, over: Over, port: int) -> Sequence[str]:
    """Return the options that make a server listen there."""
    if over is Over.UNIX:
        return _ON_UNIX_SOCKET[name]
    if (name, over) == ("daphne", Over.TLS):
        return ["--endpoint", f"ssl:{port}:interface={_HOST}:privateKey={_KEY}:certKey={_CERTIFICATE}"]
    address = {
        "daphne": ["--bind", _HOST, "--port", str(port)],
        "gunicorn": ["--bind", f"{_HOST}:{port}"],
        "hypercorn": ["--bind", f"{_HOST}:{port}"],
    }.get(name, ["--host", _HOST, "--port", str(port)])
    return [*address, *_WITH_TLS[name]] if over is Over.TLS else address


_ON_UNIX_SOCKET = {
    "daphne": ["-u", _SOCKET],
    "granian": ["--uds", _SOCKET],
    "gunicorn": ["--bind", f"unix:{_SOCKET}"],
    "hypercorn": ["--bind", f"unix:{_SOCKET}"],
    "uvicorn": ["--uds", _SOCKET],
}
_WITH_TLS = {
    "granian": ["--ssl-keyfile", _KEY, "--ssl-certificate", _CERTIFICATE],
    "gunicorn": ["--keyfile", _KEY, "--certfile", _CERTIFICATE],
    "hypercorn": ["--keyfile", _KEY, "--certfile", _CERTIFICATE],
    "uvicorn": ["--ssl-keyfile", _KEY, "--ssl-certfile", _CERTIFICATE],
}
_ALWAYS = {
    "granian": ["--interface", "asgi"],
    "gunicorn": ["--worker-class", "uvicorn_worker.UvicornWorker", "--control-socket", "control.sock"],
    "uvicorn": ["--log-level", "warning"],
}
_MODULES = {"hypercorn": "hypercorn.__main__"}


@contextlib.contextmanager
def serving(
    name: str, application: str, directory: Path, *, options: Sequence[str] = (), **variables: str
) -> Iterator[Server]:
    """Run a server until the block ends.

    Args:
        name: As for :func:`arguments_of`.
        application: The application, as ``module:name``.
        directory: The working directory, in which the module is.
        options: More options, which override others.
        variables: Environment variables to set.
    """
    start = [sys.executable, "-m", _MODULES.get(name, name)]

    def command(port: int) -> list[str]:
        return [*start, *arguments_of(name, application, port, options)]

    with running(command, directory, name=name, variables=variables) as server:
        yield server


@contextlib.contextmanager
def running(
    command: Callable[[int], Sequence[str]],
    directory: Path,
    *,
    name: str = "program",
    over: Over = Over.TCP,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run a program that serves until the block ends.

    Args:
        command: Returns the command, for the port that it has to listen on.
        directory: The working directory, in which its modules are.
        name: The name of its log.
        over: What it speaks HTTP over: for TLS, the certificate and key are in the directory; a Unix socket is
            ``server.sock`` there.
        variables: Environment variables to set.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GINGER_")}
    environment |= {"PYTHONPATH": str(directory), **(variables or {})}
    log = directory / f"{name}.log"
    if over is Over.TLS:
        _write_certificate(directory)
    for attempt in range(1, _ATTEMPTS + 1):  # a port that was free may be taken before the server binds it
        port = _free_port()
        with log.open("wb") as output:
            process = subprocess.Popen(command(port), cwd=directory, env=environment, stdout=output, stderr=output)
        server = Server(port, process, directory, over, log)
        try:
            if not answers(process, directory / _SOCKET if over is Over.UNIX else port):
                assert attempt < _ATTEMPTS, f"{name} ended with {process.returncode}:\n{server.output()}"
                continue
            yield server
            return
        finally:
            process.terminate()
            try:
                process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.create_server((_HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _write_certificate(directory: Path) -> None:
    """Write a self-signed certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _HOST)])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(_HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (directory / _CERTIFICATE).write_bytes(certificate.public_bytes(pem))
    plain = serialization.NoEncryption()
    (directory / _KEY).write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


def _connected(address: int | Path) -> socket.socket:
    if isinstance(address, int):
        return socket.create_connection((_HOST, address), timeout=TIMEOUT)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(TIMEOUT)
    try:
        connection.connect(str(address))
    except OSError:
        connection.close()
        raise
    return connection


def wait_until(condition: Callable[[], Any]) -> None:
    """Wait until a condition is true."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, "what the test waits for did not come"
        time.sleep(0.02)  # between two checks of the condition


def answers(process: subprocess.Popen[Any], address: int | Path) -> bool:
    """Wait until the server accepts connections, on a port or a Unix socket; return false if it has ended."""
    deadline = time.monotonic() + TIMEOUT
    while process.poll() is None:
        try:
            _connected(address).close()
        except OSError:  # noqa: PERF203 - it is waited for
            assert time.monotonic() < deadline, "the server takes no connection"
            time.sleep(0.02)  # between two checks of the condition
        else:
            return True
    return False
