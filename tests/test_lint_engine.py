"""The check: which files it reads, its settings, and its cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.check.settings import CheckSettings, MarkedPattern
from ginger_async_safe.lint.source import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ginger_async_safe.lint.domain.findings import Report

    Write = Callable[..., Path]

SLOW = """
import time


def wait():
    time.sleep(1)
"""
LAZY = """
import asyncio
import contextlib
import time


def wait(x):
    time.sleep(x)


def lines():
    time.sleep(1)
    yield 1


@contextlib.contextmanager
def entered():
    time.sleep(1)
    yield


class Slow:
    def __enter__(self):
        time.sleep(1)

    def __exit__(self, *exc):
        pass

    def __str__(self):
        time.sleep(1)

    def __bool__(self):
        time.sleep(1)

    def __contains__(self, item):
        time.sleep(1)
"""
VIEW = """
from shop.clock import wait


async def view():
    wait()
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files of a project, by their names with slashes as double underscores, and return its folder."""

    def write(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path.joinpath(*name.split("__")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def checked(root: Path, *paths: str, **settings: object) -> Report:
    """Check a project."""
    return engine.check([root / path for path in paths] or [root], root=root, settings=CheckSettings(**settings))  # type: ignore[arg-type]


def lines(report: Report) -> list[tuple[str, int, str]]:
    """Return the file, line and id of each finding."""
    return [(each.chain[0].path.name, each.chain[0].line, each.id) for each in report.findings]


class TestFiles:
    """Which files are read, and by which names."""

    def test_folders_without_init(self, write: Write) -> None:
        """Folders need no ``__init__.py`` for their modules to be found by their dotted names."""
        root = write(shop__clock=SLOW, shop__views=VIEW)
        assert [("views.py", 6, "time.sleep")] == lines(checked(root))

    def test_in_src(self, write: Write) -> None:
        """A folder ``src`` is no part of the names."""
        root = write(src__shop__clock=SLOW, src__shop__views=VIEW)
        finding = checked(root).findings[0]
        assert ["shop.views.view", "shop.clock.wait"] == [step.function for step in finding.chain]

    def test_neighbours_of_one_name(self, write: Write) -> None:
        """Of several modules of one name, the one beside the importing module is found."""
        quiet = "def wait():\n    return 1\n"
        user = "from clock import wait\n\n\nasync def view():\n    wait()\n"
        root = write(one__clock=SLOW, one__views=user, two__clock=quiet, two__views=user)
        assert ["one"] == [each.chain[0].path.parent.name for each in checked(root).findings]

    def test_one_file(self, write: Write) -> None:
        """A single file can be checked; nothing is reported about modules that are not read."""
        root = write(shop__clock=SLOW, shop__views=VIEW)
        assert [] == lines(checked(root, "shop/views.py"))

    def test_excluded(self, write: Write) -> None:
        """Folders that are excluded are not read."""
        root = write(shop__clock=SLOW, shop__views=VIEW, old__views="async def broken(:\n")
        assert () == checked(root, exclude=("old",)).unread
        assert 2 == checked(root, exclude=("old/*",)).statistics.files

    def test_hidden_and_built(self, write: Write) -> None:
        """Hidden folders, virtual environments and what is built are not read."""
        root = write(shop__clock=SLOW, **{".hidden__a": SLOW, "build__b": SLOW, "mine__lib__c": SLOW})
        (root / "mine" / "pyvenv.cfg").touch()
        assert 1 == checked(root).statistics.files

    def test_unreadable(self, write: Write) -> None:
        """What is no Python is reported with its line, and the rest is checked."""
        root = write(shop__clock=SLOW, shop__views=VIEW, broken="x = 1\ndef (:\n")
        (root / "latin.py").write_bytes(b"name = '\xe9'\n")
        (root / "coded.py").write_bytes(b"# coding: latin-1\nname = '\xe9'\n")
        (root / "null.py").write_bytes(b"x = 1\0\n")
        report = checked(root)
        assert [("views.py", 6, "time.sleep")] == lines(report)
        assert {"broken.py": 2, "latin.py": 0, "null.py": 0} == {
            each.path.name: each.line if each.path.name == "broken.py" else 0 for each in report.unread
        }

    def test_nested_deep(self, write: Write) -> None:
        """What is nested deeper than Python itself reads is reported, and what it reads is read."""
        deep = f"x = {'(' * 5000}1{')' * 5000}\n"
        chain = "async def view(x):\n    return x" + ".a()" * 900 + "\n"
        report = checked(write(deep=deep, chain=chain, long="x = [\n" + "    1,\n" * 5000 + "]\n"))
        assert ["deep.py"] == [each.path.name for each in report.unread]

    def test_progress(self, write: Write) -> None:
        """Progress is reported after each file."""
        calls: list[tuple[int, int]] = []
        root = write(a="", b="", c="")
        engine.check([root], root=root, settings=CheckSettings(), progress=lambda *numbers: calls.append(numbers))
        assert [(1, 3), (2, 3), (3, 3)] == calls

    def test_statistics(self, write: Write) -> None:
        """The statistics count what was read, and calls that could not be resolved."""
        root = write(a="import time\n\n\nasync def a(x):\n    x.b()\n    time.monotonic()\n    len([])\n")
        found = checked(root).statistics
        assert (1, 7, 1, 3, 2) == (found.files, found.lines, found.async_functions, found.calls, found.unresolved)


class TestSettings:
    """Settings of the check, and their effect on findings."""

    def test_marked_by_settings(self, write: Write) -> None:
        """Functions that the settings mark are found as those with a decorator are."""
        root = write(
            shop__stock="def recount(): ...\n",
            shop__views="from shop.stock import recount\n\n\nasync def view():\n    recount()\n",
        )
        marks = (MarkedPattern("shop.*.recount", "await arecount()"),)
        (finding,) = checked(root, marked=marks).findings
        assert ("marked:shop.stock.recount", "await arecount()") == (finding.id, finding.fix)

    def test_marked_functions(self, write: Write) -> None:
        """All that is marked can be listed: by decorators, guards and settings."""
        source = """
from ginger_async_safe import async_unsafe


class Order:
    @async_unsafe(fix="await asave()")
    def save(self): ...

    @property
    @async_unsafe
    def total(self): ...

    def load(self): ...


async_unsafe.guard(Order, "load")


def recount(): ...
"""
        root = write(shop=source)
        settings = CheckSettings(marked=(MarkedPattern("shop.recount"),))
        assert [
            ("shop.Order.load", ""),
            ("shop.Order.save", "await asave()"),
            ("shop.Order.total", ""),
            ("shop.recount", ""),
        ] == [tuple(each) for each in engine.marked_functions([root], root=root, settings=settings)]

    def test_rules_of_settings(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        """Rules that the settings add are found, and those that they leave out are not."""
        root = write(
            views="import time\nimport warehouse\n\n\nasync def view():\n    time.sleep(1)\n    warehouse.count()\n"
        )
        (root / "pyproject.toml").write_text(
            '[tool.ginger_async_safe.rules]\nwithout = ["time.sleep"]\n'
            '[[tool.ginger_async_safe.rules.add]]\ntarget = "warehouse.count"\n',
            encoding="utf-8",
        )
        monkeypatch.chdir(root)
        assert [("views.py", 7, "warehouse.count")] == lines(checked(root))

    def test_chain(self, write: Write) -> None:
        """A finding has each step of its way, with what is called there."""
        root = write(shop__clock=SLOW, shop__views=VIEW)
        (finding,) = checked(root).findings
        assert [("views.py", 6, 5, "shop.clock.wait"), ("clock.py", 6, 5, "time.sleep")] == [
            (step.path.name, step.line, step.column, step.call) for step in finding.chain
        ]
        assert "await sync_to_async(wait)()" == finding.fix


class TestKnown:
    """What is known of code that is not read."""

    @pytest.mark.parametrize(
        ("imported", "call", "found"),
        [
            ("import smtplib", 'smtplib.SMTP("host")', ["smtplib.SMTP.connect"]),
            ("import smtplib", "smtplib.SMTP()", []),
            ("import ftplib", 'ftplib.FTP_TLS(host="host")', ["ftplib.FTP.connect"]),
            ("import sys", "sys.stdin.readline()", ["file.read"]),
            ("from django.contrib.auth import authenticate", "authenticate(request)", ["orm:get"]),
            ("from django.contrib.auth import alogin", "await alogin(request, user)", []),
            ("from django.db import connection", 'connection.cursor().execute("")', ["orm:cursor", "orm:execute"]),
        ],
    )
    def test_called(self, write: Write, imported: str, call: str, found: list[str]) -> None:
        """A call is found by the rule that covers it."""
        root = write(shop=f"{imported}\n\n\nasync def view(request, user):\n    {call}\n")
        assert found == sorted(each.id for each in checked(root).findings)

    @pytest.mark.parametrize(
        ("code", "fix"),
        [
            (
                "for line in lines():\n        pass",
                "await sync_to_async(function)(...), with the whole iteration in that function",
            ),
            ("list(lines())", "await sync_to_async(list)(...)"),
            ("list(map(wait, [1]))", "await sync_to_async(list)(...)"),
            (
                "with entered():\n        pass",
                "await sync_to_async(function)(...), with the whole block in that function",
            ),
            ("with Slow():\n        pass", "await sync_to_async(function)(...), with the whole block in that function"),
            ("slow = Slow()\n    str(slow)", "await sync_to_async(str)(...)"),
            ('slow = Slow()\n    f"{slow}"', "await sync_to_async(str)(slow)"),
            ("slow = Slow()\n    if slow:\n        pass", "await sync_to_async(bool)(slow)"),
            ("slow = Slow()\n    1 in slow", "await sync_to_async(lambda: 1 in slow)()"),
            (
                "asyncio.get_running_loop().call_soon(wait, 1)",
                "loop.run_in_executor(None, function, ...), with all that blocks in that function",
            ),
            ("wait(1)", "await sync_to_async(wait)(...)"),
        ],
    )
    def test_fix(self, write: Write, code: str, fix: str) -> None:
        """The fix is one that has it run in a thread: what is lazy or in a block is not fixed by a call alone."""
        root = write(shop=f"{LAZY}\n\nasync def view():\n    {code}\n")
        assert {fix} == {each.fix for each in checked(root).findings}


class TestSockets:
    """Whether a socket blocks is a fact of the socket, beside the arguments that it was made with."""

    @pytest.mark.parametrize(
        ("calls", "found"),
        [
            ("", ["socket.recv"]),
            ("one.setblocking(False)", []),
            ("one.settimeout(0)", []),
            ("one.settimeout(5)", ["socket.recv"]),
            ("one.setblocking(False); one.setblocking(True)", ["socket.recv"]),
            ("one.settimeout(0); one.settimeout(None)", ["socket.recv"]),
            ("one.settimeout(0); one.settimeout(2.5)", ["socket.recv"]),
            ("one.setblocking(True); one.setblocking(False)", []),
        ],
    )
    def test_mode(self, write: Write, calls: str, found: list[str]) -> None:
        """The last call of ``setblocking`` or ``settimeout`` decides."""
        code = (
            f"import socket\n\n\nasync def view():\n    one = socket.socket()\n    {calls or 'pass'}\n    one.recv(1)\n"
        )
        assert found == [rule for _, line, rule in lines(checked(write(views=code))) if line == 7]

    def test_arguments_stay(self, write: Write) -> None:
        """An object with a ``settimeout`` of its own keeps what it was made with."""
        code = """
from shop.clock import wait


class Client:
    def __init__(self, action):
        self.action = action

    def settimeout(self, seconds):
        self.seconds = seconds

    def go(self):
        self.action()


async def view():
    client = Client(wait)
    client.settimeout(0)
    client.go()
"""
        root = write(shop__clock=SLOW, shop__views=code)
        assert [("views.py", 19, "time.sleep")] == lines(checked(root))


class TestCache:
    """What is kept for the next time."""

    @pytest.fixture
    def project(self, write: Write) -> Path:
        """A project of three modules."""
        return write(shop__clock=SLOW, shop__views=VIEW, shop__other="async def other():\n    return 1\n")

    def check(self, root: Path) -> tuple[Report, list[str]]:
        """Check a project with its cache, and return the modules that were parsed for it, too."""
        parsed: list[str] = []
        original = project.parsed

        def noting(data: bytes) -> object:
            parsed.append(data.decode().split("\n", 2)[1])
            return original(data)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(project, "parsed", noting)
            patch.setattr(engine, "parsed", noting)
            return checked(root, cache=root / ".cache"), parsed

    def test_nothing_changed(self, project: Path) -> None:
        """What did not change is not parsed again, and gives the same report."""
        first, _ = self.check(project)
        second, parsed = self.check(project)
        assert (first, []) == (second, parsed)

    def test_changed_below(self, project: Path) -> None:
        """A change below an async function changes what is found in it."""
        self.check(project)
        (project / "shop" / "clock.py").write_text("\n\ndef wait():\n    return 1\n", encoding="utf-8")
        report, parsed = self.check(project)
        assert ([], 2) == (lines(report), len(parsed))  # what changed, and what depends on it

    def test_lines_moved(self, project: Path) -> None:
        """A file whose lines moved is found at its new lines."""
        self.check(project)
        clock = project / "shop" / "clock.py"
        clock.write_text("#\n#\n" + clock.read_text(encoding="utf-8"), encoding="utf-8")
        report, _ = self.check(project)
        assert [6, 8] == [step.line for step in report.findings[0].chain]

    def test_added_and_removed(self, project: Path) -> None:
        """A module that appears or goes away is taken into account."""
        clock = project / "shop" / "clock.py"
        source = clock.read_text(encoding="utf-8")
        clock.unlink()
        assert [] == lines(self.check(project)[0])
        clock.write_text(source, encoding="utf-8")
        assert 1 == len(lines(self.check(project)[0]))
        clock.unlink()
        assert [] == lines(self.check(project)[0])

    def test_registered_elsewhere(self, write: Write) -> None:
        """What another module registers is known, and known no more when it does not."""
        hooks = "HOOKS = []\n\n\ndef hook(f):\n    HOOKS.append(f)\n    return f\n\n\nasync def run():\n    for each in HOOKS:\n        each()\n"
        slow = "import time\nfrom hooks import hook\n\n\n@hook\ndef slow():\n    time.sleep(1)\n"
        root = write(hooks=hooks, slow=slow)
        assert [("hooks.py", 11, "time.sleep")] == lines(self.check(root)[0]) == lines(self.check(root)[0])
        write(slow=slow.replace("@hook\n", ""))
        assert [] == lines(self.check(root)[0])

    def test_broken(self, project: Path) -> None:
        """A cache that cannot be read is made anew."""
        first, _ = self.check(project)
        (project / ".cache" / "check.json").write_text("{", encoding="utf-8")
        assert first == self.check(project)[0]
        assert "analyses" in json.loads((project / ".cache" / "check.json").read_text(encoding="utf-8"))

    def test_folder_that_cannot_be_written(self, project: Path) -> None:
        """Where nothing can be kept, the check works nonetheless."""
        (project / ".cache").write_text("a file", encoding="utf-8")
        assert 1 == len(lines(self.check(project)[0]))

    def test_ignored_by_git(self, project: Path) -> None:
        """Git does not see the cache."""
        self.check(project)
        assert "*\n" == (project / ".cache" / ".gitignore").read_text(encoding="utf-8")


class TestAlways:
    """What holds for every project."""

    def test_same_words(self, write: Write) -> None:
        """Two checks of one project say the same, whatever the order of hashes."""
        kinds = "\n\n".join(f"class K{n}:\n    def run(self):\n        time.sleep({n})" for n in range(1, 6))
        source = f"import time\n\n{kinds}\n\nasync def view(n):\n    kind = [{', '.join(f'K{n}()' for n in range(1, 6))}][n]\n    kind.run()\n"
        root = write(shop=source)
        command = [sys.executable, "-m", "ginger_async_safe", "check", "--no-cache", "--format", "json", "."]
        outputs = {
            subprocess.run(
                command,
                cwd=root,
                env={**os.environ, "PYTHONHASHSEED": seed},
                capture_output=True,
                text=True,
                check=False,
            ).stdout
            for seed in ("1", "2", "3")
        }
        assert 1 == len(outputs)
        assert "time.sleep" in outputs.pop()

    def test_ends(self, write: Write) -> None:
        """The evaluation of functions that all call one another ends, within the budget."""
        functions = "\n".join(
            f"def f{n}(x):\n    " + "; ".join(f"f{(n * 7 + step) % 40}((x, {n}))" for step in range(1, 9))
            for n in range(40)
        )
        views = "\n".join(f"async def view{n}():\n    f0({n})\n    time.sleep(1)" for n in range(30))
        report = checked(write(shop=f"import time\n{functions}\n\n{views}\n"))
        assert 30 == len(report.findings)
        assert report.statistics.calls < 150_000  # one view alone makes 12,000: as many as are read for one

    def test_iterators_of_one_another(self, write: Write) -> None:
        """``__next__`` is called on what ``__iter__`` returns, not ``__iter__`` again."""
        root = write(
            shop="""
import time


class Pages:
    def __iter__(self):
        return Lines(self)


class Lines:
    def __init__(self, pages):
        self.pages = pages

    def __iter__(self):
        return Pages()

    def __next__(self):
        time.sleep(1)


async def view():
    for line in Pages():
        print(line)
"""
        )
        assert [("shop.py", 22, "time.sleep")] == lines(checked(root))

    def test_values_in_values(self, write: Write) -> None:
        """Deeply nested objects are compared and hashed quickly."""
        made = "\n    ".join(f"x{n + 1} = Node(x{n}, x{n}.run, [x{n}, x{n}], (x{n}.run, x{n}))" for n in range(30))
        root = write(
            shop=f"""
import time


class Node:
    def __init__(self, first, second, third, fourth):
        self.first, self.second, self.third, self.fourth = first, second, third, fourth

    def run(self):
        return self.first


async def view():
    x0 = Node(1, 2, 3, 4)
    {made}
    x30.run()
    time.sleep(1)
"""
        )
        assert [("shop.py", 46, "time.sleep")] == lines(checked(root))
