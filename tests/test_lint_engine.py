"""The check: which files it reads, its settings, and its cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.check import engine, reading
from ginger_async_safe.lint.check.settings import CheckSettings, MarkedPattern
from ginger_async_safe.lint.domain.kinds import Limit
from ginger_async_safe.lint.source import project

if TYPE_CHECKING:
    from collections.abc import Callable

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
    """Write files of a project, named with double underscores for slashes, and return its folder."""

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
    """Which files are read, and under which names."""

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
        """Of a single file the findings are those that it has in its project; without that they are fewer."""
        root = write(shop__clock=SLOW, shop__views=VIEW, other=f"{VIEW}\nx = (\n")
        assert [] == lines(checked(root, "shop/views.py"))
        settings = CheckSettings()
        report = engine.check([root / "shop" / "views.py"], root=root, settings=settings, context=[root])
        assert [("views.py", 6, "time.sleep")] == lines(report)
        assert (1, 1, ()) == (report.statistics.files, report.statistics.context, report.unread)
        assert [("other.py", True)] == [(each.path.name, each.is_context) for each in report.left_out]
        assert [] == lines(engine.check([root / "shop" / "clock.py"], root=root, settings=settings, context=[root]))

    def test_evaluated_elsewhere(self, write: Write) -> None:
        """A finding belongs to the file of the async function, also if another file starts that with what blocks."""
        root = write(
            shop__clock=SLOW,
            shop__views="async def view(action):\n    action()\n",
            main="import asyncio\nfrom shop.clock import wait\nfrom shop.views import view\n\n\n"
            "def main():\n    asyncio.run(view(wait))\n",
        )
        assert [("views.py", 2, "time.sleep")] == lines(checked(root))
        report = engine.check([root / "shop" / "views.py"], root=root, settings=CheckSettings(), context=[root])
        assert [("views.py", 2, "time.sleep")] == lines(report)

    def test_changed(self, write: Write) -> None:
        """Of call chains, those through changed files can be selected."""
        quick = "import time\n\n\nasync def quick():\n    time.sleep(0)\n    time.sleep(1)\n"
        root = write(shop__clock=SLOW, shop__views=VIEW, other=quick)

        def through(*names: str) -> list[tuple[str, int, str]]:
            changed = frozenset(root / name for name in names)
            return lines(engine.check([root], root=root, settings=CheckSettings(), changed=changed))

        assert [("views.py", 6, "time.sleep")] == through("shop/clock.py") == through("shop/views.py")
        assert [("other.py", 6, "time.sleep")] == through("other.py")[-1:]
        assert [] == through("nowhere.py")

    def test_excluded(self, write: Write) -> None:
        """Folders that are excluded are not read."""
        root = write(shop__clock=SLOW, shop__views=VIEW, old__views="async def broken(:\n")
        assert () == checked(root, exclude=("old",)).unread
        assert 2 == checked(root, exclude=("old/*",)).statistics.files

    def test_hidden_and_built(self, write: Write) -> None:
        """Hidden folders, virtual environments and build output are not read."""
        root = write(shop__clock=SLOW, **{".hidden__a": SLOW, "build__b": SLOW, "mine__lib__c": SLOW})
        (root / "mine" / "pyvenv.cfg").touch()
        assert 1 == checked(root).statistics.files

    def test_unreadable(self, write: Write) -> None:
        """A file that is no valid Python is reported with its line, and the rest is checked."""
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
        """Code that is nested too deeply for Python itself is reported, and less deeply nested code is read."""
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
        """The statistics count what was read, and the calls that could not be resolved."""
        root = write(a="import time\n\n\nasync def a(x):\n    x.b()\n    time.monotonic()\n    len([])\n")
        found = checked(root).statistics
        assert (1, 7, 1, 3, 2) == (found.files, found.lines, found.async_functions, found.calls, found.unresolved)


class TestSettings:
    """Settings of the check, and their effect on findings."""

    def test_marked_by_settings(self, write: Write) -> None:
        """Functions that the settings mark are found like decorated ones."""
        root = write(
            shop__stock="def recount(): ...\n",
            shop__views="from shop.stock import recount\n\n\nasync def view():\n    recount()\n",
        )
        marks = (MarkedPattern("shop.*.recount", "await arecount()"),)
        (finding,) = checked(root, marked=marks).findings
        assert ("marked:shop.stock.recount", "await arecount()") == (finding.id, finding.fix)

    def test_marked_functions(self, write: Write) -> None:
        """All marked functions can be listed: by decorators, guards and settings."""
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
        """Rules that the settings add are found, and rules that they leave out are not."""
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
        """A finding has each step of its call chain, with what is called there."""
        root = write(shop__clock=SLOW, shop__views=VIEW)
        (finding,) = checked(root).findings
        assert [("views.py", 6, 5, "shop.clock.wait"), ("clock.py", 6, 5, "time.sleep")] == [
            (step.path.name, step.line, step.column, step.call) for step in finding.chain
        ]
        assert "await sync_to_async(wait)()" == finding.fix


class TestKnown:
    """What is known about code that is not read."""

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
        """The fix runs it in a thread: for what is lazy, or inside a block, moving only the call is not enough."""
        root = write(shop=f"{LAZY}\n\nasync def view():\n    {code}\n")
        assert {fix} == {each.fix for each in checked(root).findings}


class TestSockets:
    """Whether a socket blocks is stored beside the arguments that it was created with."""

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
        """The last call of ``setblocking`` or ``settimeout`` is the one that counts."""
        code = (
            f"import socket\n\n\nasync def view():\n    one = socket.socket()\n    {calls or 'pass'}\n    one.recv(1)\n"
        )
        assert found == [rule for _, line, rule in lines(checked(write(views=code))) if line == 7]

    def test_arguments_stay(self, write: Write) -> None:
        """An object with a ``settimeout`` of its own keeps the arguments that it was created with."""
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
    """What is cached for the next check."""

    @pytest.fixture
    def project(self, write: Write) -> Path:
        """A project of three modules."""
        return write(shop__clock=SLOW, shop__views=VIEW, shop__other="async def other():\n    return 1\n")

    def check(self, root: Path) -> tuple[Report, list[str]]:
        """Check a project with its cache, and return the modules that were parsed, too."""
        parsed: list[str] = []
        original = project.parsed

        def noting(data: bytes) -> object:
            parsed.append(data.decode().split("\n", 2)[1])
            return original(data)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(project, "parsed", noting)
            patch.setattr(reading, "parsed", noting)
            return checked(root, cache=root / ".cache"), parsed

    def test_nothing_changed(self, project: Path) -> None:
        """Unchanged files are not parsed again, and the report is the same."""
        first, _ = self.check(project)
        second, parsed = self.check(project)
        assert (first, []) == (second, parsed)

    def test_changed_below(self, project: Path) -> None:
        """A change in code that an async function calls changes its findings."""
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

    def test_callback_kept(self, write: Write) -> None:
        """A callback of the event loop is still one where its entry point comes from the cache."""
        protocol = (
            "import asyncio\nfrom shop.clock import wait\n\n\nclass Server(asyncio.Protocol):\n"
            "    def connection_made(self, transport):\n        wait()\n"
        )
        root = write(shop__clock=SLOW, shop__server=protocol)
        assert [("server.py", 7, "time.sleep")] == lines(self.check(root)[0])
        write(shop__clock=f"#\n{SLOW}")
        report, parsed = self.check(root)
        assert ([("server.py", 7, "time.sleep")], 2) == (lines(report), len(parsed))

    def test_added_and_removed(self, project: Path) -> None:
        """A module that is added or removed is taken into account."""
        clock = project / "shop" / "clock.py"
        source = clock.read_text(encoding="utf-8")
        clock.unlink()
        assert [] == lines(self.check(project)[0])
        clock.write_text(source, encoding="utf-8")
        assert 1 == len(lines(self.check(project)[0]))
        clock.unlink()
        assert [] == lines(self.check(project)[0])

    def test_registered_elsewhere(self, write: Write) -> None:
        """What another module registers is known, and no longer known after it is removed there."""
        hooks = "HOOKS = []\n\n\ndef hook(f):\n    HOOKS.append(f)\n    return f\n\n\nasync def run():\n    for each in HOOKS:\n        each()\n"
        slow = "import time\nfrom hooks import hook\n\n\n@hook\ndef slow():\n    time.sleep(1)\n"
        root = write(hooks=hooks, slow=slow)
        assert [("hooks.py", 11, "time.sleep")] == lines(self.check(root)[0]) == lines(self.check(root)[0])
        write(slow=slow.replace("@hook\n", ""))
        assert [] == lines(self.check(root)[0])

    @pytest.mark.parametrize(
        "modules",
        [
            pytest.param({"main": "import names\n\n\nasync def view(it=names.run):\n    it()\n"}, id="default"),
            pytest.param({"main": "import names\n\n\nasync def view(it: names.Made):\n    it.go()\n"}, id="annotation"),
            pytest.param(
                {
                    "main": "import made\n\n\nasync def view():\n    made.make().go()\n",
                    "made": "import names\nfrom outside import thing\n\n\ndef make() -> names.Made:\n    return thing()\n",
                },
                id="returns",
            ),
            pytest.param(
                {
                    "main": "import made\n\n\nasync def view():\n    made.run()\n",
                    "made": "import names\n\nrun = names.run\n",
                },
                id="assignment",
            ),
            pytest.param(
                {
                    "main": "import made\n\n\nasync def view():\n    made.run()\n",
                    "made": "import functools\nfrom names import run\n\nrun = functools.cache(run)\n",
                },
                id="bound again",
            ),
            pytest.param(
                {
                    "main": "import made\n\n\nasync def view():\n    made.Made.run()\n",
                    "made": "from names import run\n\n\nclass Made:\n    first = staticmethod(run)\n    run = first\n",
                },
                id="class",
            ),
            pytest.param(
                {
                    "main": "from slow import Quick\n\n\nasync def view():\n    Quick().go()\n",
                    "made": "import names\nfrom ginger_async_safe import async_unsafe\n\nasync_unsafe.guard(names.Made, 'go')\n",
                },
                id="guard",
            ),
        ],
    )
    def test_changed_between(self, write: Write, modules: dict[str, str]) -> None:
        """A module that only gives a name to what another one defines counts too, whatever it is used for."""
        slow = "import time\n\n\ndef run():\n    time.sleep(1)\n\n\nclass Made:\n    def go(self):\n        time.sleep(1)\n"
        quick = "\n\ndef nothing():\n    pass\n\n\nclass Quick:\n    def go(self):\n        pass\n"
        quick_names = "from slow import Quick as Made, nothing as run\n"
        root = write(slow=slow + quick, names="from slow import Made, run\n", **modules)
        before = lines(self.check(root)[0])
        write(names=quick_names)
        after = lines(self.check(root)[0])
        assert (lines(checked(root)), True) == (after, before != after)

    def test_relation_declared_elsewhere(self, write: Write) -> None:
        """A change of what a relation's field is made of counts in a module that follows the relation back."""
        fields = "from django.db import models\n\n\nclass ForeignKey(models.ForeignKey):\n    pass\n"
        root = write(
            fields=fields,
            names="from fields import ForeignKey\n",
            orders="from django.db import models\nimport names\n\n\nclass Order(models.Model):\n    pass\n\n\n"
            "class Item(models.Model):\n    order = names.ForeignKey(Order, related_name='items')\n",
            first="from orders import Order\n\n\nasync def view():\n    for each in Order().items.all():\n        pass\n",
            second="from orders import Order\n\n\nasync def view():\n    for each in Order().items.all():\n        pass\n",
        )
        assert [("first.py", 5, "orm:iterate"), ("second.py", 5, "orm:iterate")] == lines(self.check(root)[0])
        write(names="from elsewhere import ForeignKey\n")
        assert [] == lines(checked(root)) == lines(self.check(root)[0])

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(lambda data: b"{", id="cut"),
            pytest.param(lambda data: b"", id="empty"),
            pytest.param(lambda data: data[:-1], id="last byte"),
            pytest.param(lambda data: data.replace(b"time.sleep", b"time.slept"), id="changed"),
            pytest.param(lambda data: data.replace(b'"known":{', b'"known":[{', 1), id="other values"),
            pytest.param(lambda data: data.partition(b"\n")[0] + b"\n[]", id="other contents"),
            pytest.param(lambda data: b"[" * 100_000, id="deep"),
            pytest.param(lambda data: b"\xff\n" + data, id="no text"),
        ],
    )
    def test_damaged(self, project: Path, damage: Callable[[bytes], bytes]) -> None:
        """A cache that is damaged is created again, with a word."""
        first, _ = self.check(project)
        cache = project / ".cache" / "check.json"
        whole = cache.read_bytes()
        cache.write_bytes(damage(whole))
        again, parsed = self.check(project)
        note = f"the cache {cache.relative_to(Path.cwd())} is damaged: everything was read anew"
        assert (first, (note,), 3) == (replace(again, notes=()), again.notes, len(parsed))
        assert (first, []) == self.check(project)
        assert whole == cache.read_bytes()

    def test_foreign(self, project: Path) -> None:
        """A cache that another version or installation has written is not used, with a word."""
        first, _ = self.check(project)
        cache = project / ".cache" / "check.json"
        head, _, body = cache.read_bytes().partition(b"\n")
        cache.write_bytes(json.dumps({**json.loads(head), "format": "1 0.0.1"}).encode() + b"\n" + body)
        again, parsed = self.check(project)
        note = f"the cache {cache.relative_to(Path.cwd())} is from another version or installation: everything was read anew"
        assert (first, (note,), 3) == (replace(again, notes=()), again.notes, len(parsed))

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
    def test_fifo(self, project: Path) -> None:
        """A FIFO in place of the cache is not opened, which would wait for ever, but replaced."""
        (project / ".cache").mkdir()
        os.mkfifo(project / ".cache" / "check.json")
        first, _ = self.check(project)
        assert first.notes[0].endswith("is no file: everything was read anew")
        assert [] == self.check(project)[1]

    def test_link_out_of_the_project(self, project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        """A link that leads out of the project is refused: whoever wrote the project may not choose what is written."""
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        (project / ".cache").symlink_to(elsewhere)
        with pytest.raises(
            ConfigurationError, match=r"\.cache is a link to .*, outside of the project; delete the link"
        ):
            self.check(project)
        assert [] == list(elsewhere.iterdir())

    def test_link_in_the_cache(self, project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        """Links in the folder of the cache are not written through."""
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        (project / ".cache").mkdir()
        for name in (".gitignore", "check.json"):
            (project / ".cache" / name).symlink_to(elsewhere / name)
        self.check(project)
        assert ([], []) == (list(elsewhere.iterdir()), self.check(project)[1])

    def test_part_of_the_project(self, project: Path) -> None:
        """A check of one file with the rest of the project as its context uses and keeps the cache of all."""
        views = project / "shop" / "views.py"

        def check(*paths: Path, context: tuple[Path, ...] = (), text: bytes | None = None) -> Report:
            contents = None if text is None else {views: text}
            settings = CheckSettings(cache=project / ".cache")
            return engine.check(paths, root=project, settings=settings, context=context, contents=contents)

        whole = check(project)
        before = (project / ".cache" / "check.json").read_bytes()
        assert whole.findings == check(views, context=(project,)).findings
        assert before == (project / ".cache" / "check.json").read_bytes()
        assert () == check(context=(project,), text=b"x = 1").findings
        assert before == (project / ".cache" / "check.json").read_bytes()

    def test_odd_name(self, project: Path) -> None:
        """The name of a file need not be text."""
        odd = project / os.fsdecode(b"\xff.py")
        try:
            odd.write_text("async def view():\n    open('x')\n", encoding="utf-8")
        except (OSError, UnicodeError):
            pytest.skip("this file system has no such names")
        first, _ = self.check(project)
        assert {odd, project / "shop" / "views.py"} == {each.chain[0].path for each in first.findings}
        assert (first, []) == self.check(project)

    def test_folder_that_cannot_be_written(self, project: Path) -> None:
        """If the folder is not writable, the check works nevertheless."""
        (project / ".cache").write_text("a file", encoding="utf-8")
        assert 1 == len(lines(self.check(project)[0]))

    def test_ignored_by_git(self, project: Path) -> None:
        """Git ignores the cache."""
        self.check(project)
        assert "*\n" == (project / ".cache" / ".gitignore").read_text(encoding="utf-8")


class TestAlways:
    """What is true for every project."""

    def test_star_circle(self, write: Write) -> None:
        """Modules may import all names from each other: a name that neither binds is unknown."""
        root = write(
            one="from two import *\nfrom slow import wait\n\n\nasync def view():\n    nowhere()\n    wait()\n",
            two="from one import *\n",
            slow=SLOW,
        )
        assert [("one.py", 7, "time.sleep")] == lines(checked(root))

    def test_same_words(self, write: Write) -> None:
        """Two checks of one project have the same output, whatever the order of hashes."""
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
        """Evaluating functions that all call one another ends within the budget."""
        functions = "\n".join(
            f"def f{n}(x):\n    " + "; ".join(f"f{(n * 7 + step) % 40}((x, {n}))" for step in range(1, 9))
            for n in range(40)
        )
        views = "\n".join(f"async def view{n}():\n    f0({n})\n    time.sleep(1)" for n in range(30))
        report = checked(write(shop=f"import time\n{functions}\n\n{views}\n"))
        assert 30 == len(report.findings)
        assert report.statistics.calls < 150_000  # one view alone makes 12,000: as many as are read for one

    def test_recursion_through_data(self, write: Write) -> None:
        """A function that calls itself for parts of its argument is left soon, and what follows is evaluated."""
        calls = "; ".join(f"walk((node, {n}))" for n in range(6))
        root = write(
            shop=f"""
import time


def walk(node):
    {calls}
    time.sleep(1)


def wait():
    time.sleep(1)


async def view(node):
    walk(node)
    wait()
"""
        )
        report = checked(root)
        assert [("shop.py", 15, "time.sleep"), ("shop.py", 16, "time.sleep")] == lines(report)
        assert report.statistics.calls < 1_000

    def test_inside_itself_for_others(self, write: Write) -> None:
        """A function that calls another one may be inside itself twice: each time it calls a different one."""
        root = write(
            shop="""
import time


def call(function):
    return function()


def wait():
    return call(lambda: time.sleep(1))


class Layer:
    def __init__(self, inner=None):
        self.inner = inner

    def run(self):
        return self.handle()

    def handle(self):
        return self.inner.run()


class Outer(Layer):
    pass


class Middle(Layer):
    pass


class Innermost(Layer):
    def handle(self):
        time.sleep(1)


async def view():
    call(lambda: call(wait))


async def layered():
    Outer(Middle(Innermost())).run()
"""
        )
        assert [("shop.py", 38, "time.sleep"), ("shop.py", 42, "time.sleep")] == lines(checked(root))

    def test_reported_where_cut(self, write: Write, tmp_path: Path) -> None:
        """Functions that are not followed to the end are reported, also from the cache."""
        deep = "\n".join(f"def f{n}():\n    f{n + 1}()" for n in range(60))
        calls = "; ".join(f"wide({n})" for n in range(1600))
        root = write(
            shop=f"import time\n\n{deep}\ndef f60():\n    time.sleep(1)\n\ndef wide(x):\n    pass\n\n"
            f"async def all_of_them():\n    f0()\n\nasync def some():\n    f30()\n\nasync def many():\n    {calls}\n"
        )
        for _ in range(2):
            report = checked(root, cache=tmp_path / ".cache")
            assert ["shop.all_of_them", "shop.many"] == [each.function for each in report.cuts]
            assert [Limit.DEPTH.value, Limit.CALLS.value] == [each.why for each in report.cuts]
            assert [31] == [len(each.chain) - 1 for each in report.findings]

    def test_reported_of_named_files(self, write: Write) -> None:
        """Functions that are not followed to the end are reported of the files whose findings are asked for."""
        deep = "\n".join(f"def f{n}():\n    f{n + 1}()" for n in range(60))
        views = f"{deep}\n\nasync def view():\n    f0()\n"
        root = write(shop=views, other=views)
        for paths, reported in (((), ["other.view", "shop.view"]), (("shop.py",), ["shop.view"])):
            assert reported == [each.function for each in checked(root, *paths).cuts]

    @pytest.mark.parametrize("last", ["pass", "time.sleep(1)"])
    def test_reported_of_implementations(self, write: Write, last: str) -> None:
        """It is reported of all that call an abstract method, although its implementation is evaluated once."""
        deep = "\n".join(f"def f{n}():\n    f{n + 1}()" for n in range(60))
        root = write(
            shop=f"import time\nfrom abc import ABC, abstractmethod\n\nclass Base(ABC):\n    @abstractmethod\n"
            f"    def tick(self): ...\n\nclass Deep(Base):\n    def tick(self):\n        f0()\n        {last}\n\n{deep}\n\n"
            "async def one(base: Base):\n    base.tick()\n\nasync def two(base: Base):\n    base.tick()\n"
        )
        assert ["shop.one", "shop.two"] == [each.function for each in checked(root).cuts]

    def test_each_call(self, write: Write) -> None:
        """Each blocking call below a line is reported, of more than three those that are nearest."""
        body = "".join(f"    pathlib.Path('x').read_text()\n    pathlib.Path('{n}').stat()\n" for n in range(4))
        root = write(
            shop=f"import pathlib\n\ndef one():\n    pathlib.Path('a').read_text()\n    pathlib.Path('b').write_text('')\n\n"
            f"def many():\n{body}\nasync def view():\n    one()\n    many()\n"
        )
        report = checked(root)
        assert [
            (18, 4, "file.open", False),
            (18, 5, "file.open", False),
            (19, 8, "file.open", False),
            (19, 9, "os.stat", False),
            (19, 10, "file.open", False),
            (19, 11, "os.stat", False),
            (19, 12, "file.open", True),
            (19, 13, "os.stat", True),
        ] == [(each.chain[0].line, each.chain[-1].line, each.id, each.has_more) for each in report.findings]

    def test_iterators_of_one_another(self, write: Write) -> None:
        """``__next__`` is called on what ``__iter__`` returns, and ``__iter__`` is not called again."""
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
