"""Conditions of rules: the check reads each from the source of the call, or a table says why it cannot."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.blocking.rules import RULES
from ginger_async_safe.cli import main
from ginger_async_safe.lint.knowledge.unread_conditions import UNREAD

if TYPE_CHECKING:
    from pathlib import Path

CONDITIONAL = {rule.id for rule in RULES if rule.blocks is not None or rule.shape != "call"}

_CLIENT = "client = socket.create_connection(address)\n"
_TLS = "client = ssl.create_default_context().wrap_socket(socket.socket())\n"
_PIPE = "descriptor, _ = os.pipe()\n"
_FILE = "descriptor = os.open(path, os.O_RDWR)\n"


def timed(made: str, call: str, arguments: str = "") -> tuple[str, str]:
    """Return a call that waits, and the same call with a timeout of 0."""
    zero = ", ".join(filter(None, [arguments, "timeout=0"]))
    return f"{made}.{call}({arguments})", f"{made}.{call}({zero})"


def of_sockets(call: str) -> tuple[str, str]:
    """Return a call of a socket, and the same call of one that does not block."""
    made = "client = socket.socket()\n"
    return f"{made}client.{call}", f"{made}client.setblocking(False)\nclient.{call}"


def of_tls(call: str) -> tuple[str, str]:
    """Return a call of a TLS socket, and the same call of one that does not block."""
    return f"{_TLS}client.{call}", f"{_TLS}client.setblocking(False)\nclient.{call}"


def of_sqlite(call: str, opened: str = "") -> tuple[str, str]:
    """Return a call of a database in a file, and the same call of one in memory."""
    return tuple(f"db = sqlite3.connect({name!r})\n{opened}{call}" for name in ("shop.db", ":memory:"))  # type: ignore[return-value]


def of_descriptors(call: str) -> tuple[str, str]:
    """Return a call with the descriptor of a file, and with one that is not known to block."""
    return f"{_FILE}{call}", f"descriptor = sys.stdin.fileno()\n{call}"


READ = {
    "time.sleep": ("time.sleep(1)", "time.sleep(0)"),
    # Files.
    "file.open": ("open(path)", "open(0)"),
    "file.write": ("file = open(path, 'w')\nfile.write('')\nfile.close()", "file = open(path)\nfile.close()"),
    "fcntl.fcntl": ("fcntl.fcntl(0, fcntl.F_SETLKW)", "fcntl.fcntl(0, fcntl.F_SETLK)"),
    "fcntl.flock": ("fcntl.flock(0, fcntl.LOCK_EX)", "fcntl.flock(0, fcntl.LOCK_EX | fcntl.LOCK_NB)"),
    "fcntl.lockf": ("fcntl.lockf(0, fcntl.LOCK_EX)", "fcntl.lockf(0, fcntl.LOCK_EX | fcntl.LOCK_NB)"),
    "os.lockf": ("os.lockf(0, os.F_LOCK, 0)", "os.lockf(0, os.F_TLOCK, 0)"),
    **{
        f"os.{name}": of_descriptors(f"os.{name}(descriptor, {arguments})")
        for name, arguments in {
            "read": "10",
            "readinto": "bytearray(10)",
            "readv": "[bytearray(10)]",
            "pread": "10, 0",
            "preadv": "[bytearray(10)], 0",
            "write": "b''",
            "writev": "[b'']",
            "pwrite": "b'', 0",
            "pwritev": "[b''], 0",
            "sendfile": "0, 0, 10",
        }.items()
    },
    "os.splice": (
        f"{_FILE}os.splice(descriptor, 1, 10)",
        f"{_FILE}os.splice(descriptor, 1, 10, flags=os.SPLICE_F_NONBLOCK)",
    ),
    # Network.
    **{
        f"socket.{name}": of_sockets(f"{name}({arguments})")
        for name, arguments in {
            "accept": "",
            "connect": "address",
            "connect_ex": "address",
            "recv": "10",
            "recv_into": "bytearray(10)",
            "recvfrom": "10",
            "recvfrom_into": "bytearray(10)",
            "recvmsg": "10",
            "recvmsg_into": "[bytearray(10)]",
            "send": "b''",
            "sendall": "b''",
            "sendmsg": "[b'']",
            "sendto": "b'', address",
        }.items()
    },
    "socket.socket.sendfile": of_sockets("sendfile(file)"),
    "socket.getaddrinfo": ("socket.getaddrinfo('example.org', 80)", "socket.getaddrinfo('127.0.0.1', 80)"),
    "socket.gethostbyname": ("socket.gethostbyname('example.org')", "socket.gethostbyname('127.0.0.1')"),
    "socket.gethostbyname_ex": ("socket.gethostbyname_ex('example.org')", "socket.gethostbyname_ex('127.0.0.1')"),
    "socket.getnameinfo": ("socket.getnameinfo(address, 0)", "socket.getnameinfo(address, socket.NI_NUMERICHOST)"),
    **{
        f"ssl.{name}": of_tls(f"{name}({arguments})")
        for name, arguments in {
            "connect": "address",
            "do_handshake": "",
            "read": "10",
            "recv": "10",
            "recv_into": "bytearray(10)",
            "send": "b''",
            "sendall": "b''",
            "sendfile": "file",
            "unwrap": "",
            "write": "b''",
        }.items()
    },
    **{
        f"ssl.SSLContext.{name}": (
            f"context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)\ncontext.{name}({read})",
            f"context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)\ncontext.{name}({memory})",
        )
        for name, read, memory in (
            ("load_cert_chain", "'shop.pem'", "''"),
            ("load_verify_locations", "'shop.pem'", "cadata='...'"),
        )
    },
    "select.select": ("select.select([], [], [])", "select.select([], [], [], 0)"),
    "select.kqueue": ("select.kqueue().control(None, 1)", "select.kqueue().control(None, 1, 0)"),
    "select.poll": ("select.poll().poll()", "select.poll().poll(0)"),
    "signal.sigtimedwait": ("signal.sigtimedwait([2], 1)", "signal.sigtimedwait([2], 0)"),
    # Processes.
    "os.waitpid": ("os.waitpid(-1, 0)", "os.waitpid(-1, os.WNOHANG)"),
    "os.wait3": ("os.wait3(0)", "os.wait3(os.WNOHANG)"),
    "os.wait4": ("os.wait4(-1, 0)", "os.wait4(-1, os.WNOHANG)"),
    "os.waitid": ("os.waitid(os.P_ALL, 0, os.WEXITED)", "os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG)"),
    "subprocess.Popen.wait": timed("subprocess.Popen([])", "wait"),
    "subprocess.Popen.communicate": timed("subprocess.Popen([])", "communicate"),
    "multiprocessing.AsyncResult.get": timed("multiprocessing.Pool().apply_async(len)", "get"),
    "multiprocessing.AsyncResult.wait": timed("multiprocessing.Pool().apply_async(len)", "wait"),
    "multiprocessing.Condition.wait": timed("multiprocessing.Condition()", "wait"),
    "multiprocessing.Connection.poll": ("multiprocessing.Pipe()[0].poll(1)", "multiprocessing.Pipe()[0].poll(0)"),
    "multiprocessing.Event.wait": timed("multiprocessing.Event()", "wait"),
    "multiprocessing.Lock": ("multiprocessing.Lock().acquire()", "multiprocessing.Lock().acquire(block=False)"),
    "multiprocessing.Queue.get": timed("multiprocessing.Queue()", "get"),
    "multiprocessing.Queue.put": timed("multiprocessing.Queue(1)", "put", "1"),
    "multiprocessing.connection.wait": timed("multiprocessing.connection", "wait", "[]"),
    "multiprocessing.process.BaseProcess.join": timed("multiprocessing.Process()", "join"),
    "concurrent.futures.ProcessPoolExecutor.shutdown": (
        "concurrent.futures.ProcessPoolExecutor().shutdown()",
        "concurrent.futures.ProcessPoolExecutor().shutdown(wait=False)",
    ),
    # Threads.
    "concurrent.futures.ThreadPoolExecutor.shutdown": (
        "concurrent.futures.ThreadPoolExecutor().shutdown()",
        "concurrent.futures.ThreadPoolExecutor().shutdown(wait=False)",
    ),
    "concurrent.futures.Future.result": timed("concurrent.futures.Future()", "result"),
    "concurrent.futures.Future.exception": timed("concurrent.futures.Future()", "exception"),
    "concurrent.interpreters.Queue.get": timed("concurrent.interpreters.create_queue()", "get"),
    "concurrent.interpreters.Queue.put": timed("concurrent.interpreters.create_queue(1)", "put", "1"),
    "queue.Queue.get": timed("queue.Queue()", "get"),
    "queue.Queue.put": timed("queue.Queue(1)", "put", "1"),
    "queue.SimpleQueue.get": timed("queue.SimpleQueue()", "get"),
    "threading.Barrier.wait": timed("threading.Barrier(2)", "wait"),
    "threading.Condition": ("threading.Condition().acquire()", "threading.Condition().acquire(blocking=False)"),
    "threading.Condition.wait": timed("threading.Condition()", "wait"),
    "threading.Event.wait": timed("threading.Event()", "wait"),
    "threading.Lock": ("threading.Lock().acquire()", "threading.Lock().acquire(blocking=False)"),
    "threading.RLock": ("threading.RLock().acquire()", "threading.RLock().acquire(blocking=False)"),
    "threading.Semaphore.acquire": ("threading.Semaphore().acquire()", "threading.Semaphore().acquire(blocking=False)"),
    "threading.Thread.join": timed("threading.Thread()", "join"),
    # Databases.
    **{
        f"sqlite3.Blob.{name}": of_sqlite(f"db.blobopen('books', 'title', 1).{name}({arguments})")
        for name, arguments in (("read", ""), ("write", "b''"))
    },
    "sqlite3.connect": ("sqlite3.connect('shop.db')", "sqlite3.connect(':memory:')"),
    **{
        f"sqlite3.{name}": of_sqlite(f"db.{name}({arguments})")
        for name, arguments in {
            "backup": "db",
            "blobopen": "'books', 'title', 1",
            "commit": "",
            "execute": "'SELECT 1'",
            "executemany": "'SELECT 1', []",
            "executescript": "'SELECT 1'",
            "rollback": "",
            "serialize": "",
        }.items()
    },
    **{
        f"sqlite3.{name}": of_sqlite(f"cursor.{name}()", "cursor = db.cursor()\n")
        for name in ("fetchall", "fetchmany", "fetchone")
    },
}
"""For each rule with a condition that the check reads: statements that may wait, and statements that do not."""


def test_every_condition() -> None:
    """Each rule with a condition is read by the check, or has a reason why it is not; no other rule is listed."""
    assert sorted(CONDITIONAL) == sorted([*READ, *UNREAD])
    assert all(UNREAD.values())


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """Return the rules that the check finds in a program of all these statements, each with the function's name."""
    folder = tmp_path_factory.mktemp("conditions")
    modules = (
        "concurrent.futures, concurrent.interpreters, fcntl, io, multiprocessing, multiprocessing.connection, os, queue, "
        "select, signal, socket, sqlite3, ssl, subprocess, sys, threading, time"
    )
    source = [f"import {modules}", "from pathlib import Path", ""]
    for index, statements in enumerate(READ.values()):
        for name, body in zip(("waits", "returns"), statements, strict=True):
            source += [f"async def {name}_{index}(address, file):", "    path = Path('shop.txt')"]
            source += [textwrap.indent(body, "    "), ""]
    return checked(folder, "\n".join(source))


def checked(folder: Path, source: str) -> set[tuple[str, str]]:
    """Return the rules that the check finds, each with the name of the async function."""
    (folder / "shop.py").write_text(source, encoding="utf-8")
    output = folder / "found.json"
    main(["check", "--no-cache", "--format", "json", "--output", str(output), str(folder / "shop.py")])
    findings = json.loads(output.read_text())["findings"]
    return {(each["rule"], each["chain"][0]["function"].rpartition(".")[2]) for each in findings}


@pytest.mark.parametrize(("index", "rule"), list(enumerate(READ)), ids=list(READ))
def test_read(found: set[tuple[str, str]], index: int, rule: str) -> None:
    """The check finds a call that may wait, and not one that does not because of its arguments or object."""
    assert (True, False) == ((rule, f"waits_{index}") in found, (rule, f"returns_{index}") in found)


@pytest.mark.parametrize(
    ("rule", "statements"),
    [
        ("file.read", "open('shop.txt').read()"),
        ("os.remove", "os.remove('shop.txt')"),
        ("logging.FileHandler.emit", "logging.FileHandler('shop.log').emit(None)"),
        ("multiprocessing.Connection.recv", "multiprocessing.Pipe()[0].recv()"),
        ("signal.sigwait", "signal.sigwait([2])"),
        ("sqlalchemy.engine.base.Engine.connect", "sqlalchemy.create_engine('sqlite://').connect()"),
    ],
)
def test_unread(tmp_path: Path, rule: str, statements: str) -> None:
    """A call whose condition cannot be read is reported, as the table says."""
    assert UNREAD[rule].startswith("reports every call: ")
    imports = "import logging, multiprocessing, os, signal, sqlalchemy"
    assert (rule, "main") in checked(tmp_path, f"{imports}\n\nasync def main():\n    {statements}\n")


@pytest.mark.parametrize(
    ("rule", "statements"),
    [
        ("file.truncate", "open('shop.txt', 'r+b', buffering=0).truncate()"),
        ("os.eventfd_read", "os.eventfd_read(os.eventfd(0))"),
        ("threading.serialize_iterator", "next(threading.serialize_iterator(iter([])))"),
    ],
)
def test_not_reported(tmp_path: Path, rule: str, statements: str) -> None:
    """A call that almost never waits, or whose object is reported elsewhere, is not reported, as the table says."""
    assert UNREAD[rule].startswith("reports no call: ")
    found = checked(tmp_path, f"import os, threading\n\nasync def main():\n    {statements}\n")
    assert rule not in {each for each, _ in found}
