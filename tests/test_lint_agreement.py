"""The guard and the check give one answer: both evaluate what the conditions of rules declare."""

from __future__ import annotations

import asyncio
import gc
import json
import sqlite3
import textwrap
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from _guarding import listening

from ginger_async_safe import configure, guard_blocking_calls
from ginger_async_safe.cli import main

if TYPE_CHECKING:
    from pathlib import Path

_OPENED = "descriptor = os.open('shop.txt', os.O_RDWR | os.O_CREAT{})\n"
_MEMORY = "db = sqlite3.connect(':memory:')\n"
_PAIR = "one, other = socket.socketpair()\nother.setblocking(False)\nother.send(b'1')\n"
_DATAGRAMS = "client = socket.socket(type=socket.SOCK_DGRAM)\n"

PROGRAMS: list[tuple[str, set[str]]] = [
    # Timeouts, whether to wait, and their defaults.
    ("time.sleep(False)", set()),
    ("time.sleep(0.001)", {"time.sleep"}),
    ("threading.Event().wait(-1)", set()),
    ("threading.Event().wait(0.001)", {"threading.Event.wait"}),
    ("threading.Barrier(2).wait(0.0)", set()),
    ("threading.Lock().acquire(0)", set()),
    ("multiprocessing.Pipe()[0].poll()", set()),
    ("one, other = multiprocessing.Pipe()\none.poll(0.001)", {"multiprocessing.Connection.poll"}),
    ("multiprocessing.connection.wait([], timeout=-1)", set()),
    ("select.select([], [], [], 0.0)", set()),
    ("select.select([], [], [], 0.001)", {"select.select"}),
    ("select.poll().poll(0)", set()),
    ("select.poll().poll(1)", {"select.poll"}),
    ("queue.Queue().put(1)", set()),
    ("concurrent.futures.ThreadPoolExecutor().shutdown(False)", set()),
    # Files, descriptors, and flags.
    (f"{_OPENED.format('')}os.read(descriptor, 1)", {"file.open", "os.read"}),
    (f"{_OPENED.format(' | os.O_NONBLOCK')}os.read(descriptor, 1)", {"file.open"}),
    (f"{_OPENED.format('')}os.lockf(descriptor, os.F_LOCK, 1)", {"file.open", "os.lockf"}),
    (f"{_OPENED.format('')}os.lockf(descriptor, os.F_TEST, 1)", {"file.open"}),
    (f"{_OPENED.format('')}fcntl.flock(descriptor, fcntl.LOCK_SH)", {"file.open", "fcntl.flock"}),
    (f"{_OPENED.format('')}fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)", {"file.open"}),
    (f"{_OPENED.format('')}fcntl.fcntl(descriptor, fcntl.F_GETFL)", {"file.open"}),
    (f"{_OPENED.format('')}os.splice(os.pipe()[0], descriptor, 1, flags=os.SPLICE_F_NONBLOCK)", {"file.open"}),
    # Sockets.
    (f"{_PAIR}one.recv(1)", {"socket.recv"}),
    (f"{_PAIR}one.recv(1, socket.MSG_DONTWAIT)", set()),
    (f"{_PAIR}one.settimeout(1)\none.recv(1, socket.MSG_DONTWAIT)", {"socket.recv"}),
    (f"{_PAIR}one.settimeout(0)\none.recv(1)", set()),
    (f"{_PAIR}one.recv_into(bytearray(1), 1, socket.MSG_PEEK | socket.MSG_DONTWAIT)", set()),
    (f"{_DATAGRAMS}client.connect(('localhost', 9))", {"socket.connect"}),
    (f"{_DATAGRAMS}client.connect(('127.0.0.1', 9))", set()),
    (f"{_DATAGRAMS}client.sendto(b'1', socket.MSG_DONTWAIT, ('127.0.0.1', 9))", set()),
    (f"{_DATAGRAMS}client.sendto(b'1', ('127.0.0.1', 9))", {"socket.sendto"}),
    ("client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\nclient.connect_ex('shop.sock')", set()),
    ("client = socket.socket(type=socket.SOCK_STREAM | socket.SOCK_NONBLOCK)\nclient.connect_ex(('::1', 9))", set()),
    # Names.
    ("socket.getaddrinfo('localhost', 80)", {"socket.getaddrinfo"}),
    ("socket.getaddrinfo('127.0.0.1', 80)", set()),
    ("socket.getaddrinfo('::1', 80, 0, 0, 0, socket.AI_NUMERICHOST)", set()),
    ("socket.getfqdn('127.0.0.1')", {"socket.gethostbyaddr"}),
]
OF_SQLITE: list[tuple[str, set[str]]] = [
    ("sqlite3.connect('shop.db').execute('SELECT 1')", {"sqlite3.connect", "sqlite3.execute"}),
    ("sqlite3.connect('file:shop?mode=memory', uri=True).execute('SELECT 1')", set()),
    (f"{_MEMORY}db.execute('ATTACH ? AS other', ('other.db',))", {"sqlite3.execute"}),
    (f"{_MEMORY}db.execute('ATTACH ? AS other', (':memory:',))", set()),
    (f"{_MEMORY}db.execute('SELECT 1 AS attached')", set()),
    (f"{_MEMORY}db.executescript('VACUUM INTO \"other.db\"')", {"sqlite3.executescript"}),
    (f"{_MEMORY}db.backup(sqlite3.connect(':memory:'))", set()),
    (f"{_MEMORY}db.backup(sqlite3.connect('shop.db'))", {"sqlite3.backup", "sqlite3.connect"}),
]
if sqlite3.sqlite_version_info >= (3, 39):  # before, it is not known what a connection is to
    PROGRAMS += OF_SQLITE


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a program that has an async function for each of these."""
    modules = (
        "concurrent.futures, fcntl, multiprocessing, multiprocessing.connection, os, queue, select, socket, sqlite3, "
        "threading, time"
    )
    functions = (
        f"async def program_{index}():\n{textwrap.indent(body, '    ')}\n" for index, (body, _) in enumerate(PROGRAMS)
    )
    path = tmp_path_factory.mktemp("agreement") / "shop.py"
    path.write_text("\n".join([f"import {modules}", *functions]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def found(program: Path) -> set[tuple[str, str]]:
    """Return the rules that the check finds there, each with the function's name."""
    output = program.with_suffix(".json")
    main(["check", "--no-cache", "--format", "json", "--output", str(output), str(program)])
    findings = json.loads(output.read_text())["findings"]
    return {(each["chain"][0]["function"].rpartition(".")[2], each["rule"]) for each in findings}


@pytest.mark.parametrize(("index", "rules"), list(enumerate(rules for _, rules in PROGRAMS)))
def test_check(found: set[tuple[str, str]], index: int, rules: set[str]) -> None:
    """The check finds these calls in a program."""
    assert rules == {rule for function, rule in found if function == f"program_{index}"}


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("index", "rules"), list(enumerate(rules for _, rules in PROGRAMS)))
def test_guard(program: Path, index: int, rules: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard reports the same calls when the program runs."""
    monkeypatch.chdir(tmp_path)
    configure(policy="ignore")
    names: dict[str, Any] = {"__name__": "shop"}
    exec(compile(program.read_text(encoding="utf-8"), str(program), "exec"), names)
    nobody_is_there = suppress(OSError, threading.BrokenBarrierError)
    with listening() as heard, guard_blocking_calls(), nobody_is_there:
        asyncio.run(names[f"program_{index}"]())
    assert rules == {violation.call for violation in heard}
    names.clear()
    gc.collect()  # what the program left open warns here, where that is ignored
