"""Installed packages: what the check reads of them, what it tells, and what it keeps."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from _installed import install, make_environment

from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.check.settings import CheckSettings
from ginger_async_safe.lint.source import environments
from ginger_async_safe.lint.source.environments import environment_at, environment_of

if TYPE_CHECKING:
    from pathlib import Path

    from ginger_async_safe.lint.domain.findings import Report

INIT = "from acme_sdk.client import Client\n"
CLIENT = """
import socket
from acme_sdk.transport import Transport


class Client:
    def __init__(self, transport=None):
        self.transport = transport or Transport()

    def fetch(self, name):
        return self.transport.send(name)

    def describe(self):
        return "a client"
"""
TRANSPORT = """
import socket


class Transport:
    def send(self, name):
        connection = socket.create_connection(("acme.example", 80))
        connection.sendall(name)
        return connection
"""
VIEW = """
from acme_sdk import Client


async def view():
    client = Client()
    client.describe()
    client.fetch("x")
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Return the folder of packages of an environment in the project."""
    return make_environment(tmp_path / ".venv")


@pytest.fixture(autouse=True)
def _no_active_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(variable, raising=False)


def checked(root: Path, view: str, **settings: object) -> Report:
    """Check a project of one file."""
    (root / "views.py").write_text(view, encoding="utf-8")
    given = CheckSettings(dependencies=True, **settings)  # type: ignore[arg-type]
    return engine.check([root], root=root, settings=given)


def found(root: Path, view: str, **settings: object) -> list[tuple[int, str]]:
    """Return the line and id of each finding."""
    return [(each.chain[0].line, each.id) for each in checked(root, view, **settings).findings]


def acme(packages: Path, body: str) -> None:
    """Install a package of one module."""
    install(packages, "acme-sdk", "2.1", acme_sdk____init__=body)


class TestFindings:
    """What is reported about calls of installed packages."""

    def test_method(self, tmp_path: Path, packages: Path) -> None:
        """A method that blocks is reported by its public name, with the package, its version and the calls in it."""
        install(
            packages,
            "acme-sdk",
            "2.1",
            acme_sdk____init__=INIT,
            acme_sdk__client=CLIENT,
            acme_sdk__transport=TRANSPORT,
        )
        (finding,) = checked(tmp_path, VIEW).findings
        assert (
            8,
            "dependency:acme_sdk.Client.fetch",
            "acme_sdk.Client.fetch",
            "await sync_to_async(client.fetch)(...)",
            "acme-sdk 2.1 calls socket.create_connection: Client.fetch → Transport.send → socket.create_connection",
        ) == (finding.chain[0].line, finding.id, finding.call, finding.fix, finding.reason)

    def test_not_asked_for(self, tmp_path: Path, packages: Path) -> None:
        """Without the setting, packages are not read."""
        acme(packages, "import time\n\n\ndef wait():\n    time.sleep(1)\n")
        (tmp_path / "views.py").write_text("import acme_sdk\n\n\nasync def view():\n    acme_sdk.wait()\n")
        assert () == engine.check([tmp_path], root=tmp_path, settings=CheckSettings()).findings

    @pytest.mark.parametrize(
        ("body", "is_reported"),
        [
            ("    time.sleep(1)\n", True),
            ("    if x:\n        return 1\n    time.sleep(1)\n", False),
            ("    if x:\n        raise ValueError\n    time.sleep(1)\n", True),
            ("    if x:\n        time.sleep(1)\n    else:\n        subprocess.run(x)\n", True),
            ("    return time.sleep(1) if x else 1\n", False),
            ("    return x or time.sleep(1)\n", False),
            ("    return time.sleep(1) or x\n", True),
            ("    for each in x:\n        time.sleep(1)\n", False),
            ("    for attempt in range(x):\n        time.sleep(1)\n", True),
            ("    left = 3\n    while left > 0:\n        left -= 1\n        time.sleep(1)\n", True),
            ("    while x:\n        time.sleep(1)\n", False),
            ("    while True:\n        time.sleep(1)\n        if x:\n            break\n", True),
            ("    while True:\n        if x:\n            break\n        time.sleep(1)\n", False),
            ("    try:\n        return subprocess.run(x)\n    except OSError:\n        return None\n", True),
            ("    try:\n        return x.known\n    except AttributeError:\n        time.sleep(1)\n", False),
            ("    try:\n        x()\n    finally:\n        time.sleep(1)\n", True),
            ("    try:\n        return x()\n    finally:\n        time.sleep(1)\n", True),
            ("    try:\n        return x()\n    finally:\n        if x:\n            time.sleep(1)\n", False),
            (
                "    try:\n        if x:\n            return 1\n        time.sleep(1)\n    finally:\n        x()\n",
                False,
            ),
            ("    try:\n        time.sleep(1)\n    finally:\n        if x:\n            return 1\n", False),
            ("    try:\n        time.sleep(1)\n    finally:\n        if x:\n            x()\n", True),
            ("    try:\n        x()\n        time.sleep(1)\n    except OSError:\n        pass\n", True),
            ("    try:\n        if x:\n            time.sleep(1)\n    except OSError:\n        pass\n", False),
            ("    with x:\n        time.sleep(1)\n", True),
            ("    return [time.sleep(1) for each in x]\n", False),
            ("    return lambda: time.sleep(1)\n", False),
            ("    threading.Thread(target=time.sleep).start()\n", False),
            ("    if known:\n        return known\n    time.sleep(1)\n", False),
            ("    with lock:\n        return 1\n", False),
            ("    return open(x).read()\n", False),
            (
                "    match x:\n        case 1:\n            time.sleep(1)\n        case _:\n            time.sleep(2)\n",
                True,
            ),
            ("    match x:\n        case 1:\n            time.sleep(1)\n", False),
            ("    raise NotImplementedError\n", False),
            ("    return getattr(x, 'known', False) or time.sleep(1)\n", False),
            ("    (first if x else second)()\n", False),
            ("    (second if x else third)()\n", True),
            (
                (
                    "    try:\n        asyncio.get_running_loop()\n    except RuntimeError:\n        return time.sleep(1)\n"
                    "    return x\n"
                ),
                False,
            ),
        ],
    )
    def test_certainty(self, tmp_path: Path, packages: Path, body: str, *, is_reported: bool) -> None:
        """A function is reported where every path through it that returns makes a blocking call."""
        head = (
            "import asyncio, subprocess, threading, time\n\nknown = {}\nlock = threading.Lock()\n\n\n"
            "def first():\n    pass\n\n\ndef second():\n    time.sleep(1)\n\n\ndef third():\n    time.sleep(1)\n\n\n"
            "def do(x):\n"
        )
        acme(packages, head + body)
        ids = found(tmp_path, "import acme_sdk\n\n\nasync def view(x):\n    acme_sdk.do(x)\n")
        assert ([(5, "dependency:acme_sdk.do")] if is_reported else []) == ids

    @pytest.mark.parametrize(
        ("arguments", "is_reported"),
        [("", True), ("limit=3", True), ("later=True", False), ("1, True", False), ("**options", False)],
    )
    def test_flags(self, tmp_path: Path, packages: Path, arguments: str, *, is_reported: bool) -> None:
        """A call that gives no flag is reported where the defaults block."""
        body = "    if later:\n        return later\n    time.sleep(limit)\n"
        acme(packages, f"import time\n\n\ndef do(limit=1, later=False):\n{body}")
        view = f"import acme_sdk\n\n\nasync def view(options):\n    acme_sdk.do({arguments})\n"
        assert ([(5, "dependency:acme_sdk.do")] if is_reported else []) == found(tmp_path, view)

    @pytest.mark.parametrize(
        ("call", "is_reported"),
        [
            ("acme_sdk.Client()", True),
            ("acme_sdk.Client.make()", True),
            ("acme_sdk.shared().name", True),
            ("acme_sdk.shared().ask()", True),
            ("acme_sdk.default.ask()", True),
            ("acme_sdk.run(['ls'])", True),
            ("[each for each in acme_sdk.pages()]", True),
            ("acme_sdk.pages()", False),
            ("await acme_sdk.wait()", False),
            ("await asyncio.to_thread(acme_sdk.shared().ask)", False),
            ("acme_sdk.shared().nothing()", False),
            ("acme_sdk.Base().ask()", False),
        ],
    )
    def test_kinds(self, tmp_path: Path, packages: Path, call: str, *, is_reported: bool) -> None:
        """Constructors, class methods, properties, module variables and generators are reported where they block."""
        body = """
import time
from subprocess import run


class Base:
    def ask(self):
        raise NotImplementedError


class Client(Base):
    def __init__(self):
        time.sleep(1)

    @classmethod
    def make(cls):
        return cls()

    @property
    def name(self):
        time.sleep(1)

    def ask(self):
        return self._ask()

    def _ask(self):
        time.sleep(1)


def shared() -> Client:
    return _clients.get("x")


def pages():
    while True:
        time.sleep(1)
        yield 1


async def wait():
    time.sleep(1)


_clients = {}
default = Client()
"""
        acme(packages, body)
        ids = found(tmp_path, f"import acme_sdk\nimport asyncio\n\n\nasync def view():\n    {call}\n")
        assert is_reported is bool(ids)

    def test_lazy_attributes(self, tmp_path: Path, packages: Path) -> None:
        """An attribute that a descriptor sets in ``__dict__`` is no unknown one, which ``__getattr__`` would fetch."""
        body = """
import time


class cachedproperty:
    def __init__(self, function):
        self.function = function

    def __get__(self, instance, owner):
        value = instance.__dict__[self.function.__name__] = self.function(instance)
        return value


class Client:
    def __getattr__(self, name):
        time.sleep(1)

    @cachedproperty
    def pages(self):
        return []
"""
        acme(packages, body)
        view = "import acme_sdk\n\n\nasync def view():\n    client = acme_sdk.Client()\n    client.pages\n    client.name\n"
        assert [(7, "dependency:acme_sdk.Client.name")] == found(tmp_path, view)

    def test_with(self, tmp_path: Path, packages: Path) -> None:
        """Entering or leaving an object, and a function that makes a context manager, are reported at ``with``."""
        body = """
import contextlib
import time


class Client:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        time.sleep(1)


@contextlib.contextmanager
def opened():
    time.sleep(1)
    yield Client()
"""
        acme(packages, body)
        view = """
import acme_sdk


async def view():
    client = acme_sdk.Client()
    with client:
        pass
    opened = acme_sdk.opened()
    with opened:
        pass
"""
        ids = ["dependency:acme_sdk.Client.__exit__", "dependency:acme_sdk.opened"]
        assert [(7, ids[0]), (10, ids[1])] == found(tmp_path, view)

    def test_rows_win(self, tmp_path: Path, packages: Path) -> None:
        """A call that a rule covers is reported by the rule, also where the package passes it on."""
        install(packages, "requests", "9.0", requests____init__="def get(url):\n    return url\n")
        acme(packages, "import requests\nfrom requests import get as fetch\n\n\ndef ask():\n    requests.get('x')\n")
        view = """
import acme_sdk
import requests


async def view():
    requests.get("x")
    acme_sdk.fetch("x")
    acme_sdk.ask()
"""
        assert [(7, "requests.get"), (8, "requests.get"), (9, "dependency:acme_sdk.ask")] == found(tmp_path, view)

    def test_rows_of_sdks_win(self, tmp_path: Path, packages: Path) -> None:
        """A row for every method of a client wins over its source, and is followed from other packages."""
        source = "import time\n\n\nclass OpenAI:\n    def __init__(self):\n        time.sleep(1)\n"
        install(packages, "openai", "9.0", openai____init__=source)
        acme(packages, "import openai\n\n\ndef ask(x):\n    return openai.OpenAI().chat.completions.create(x)\n")
        view = """
import acme_sdk
import openai


async def view():
    openai.OpenAI().chat.completions.create("x")
    acme_sdk.ask("x")
"""
        ids = ["openai.OpenAI", "dependency:acme_sdk.ask"]
        assert [(7, ids[0]), (8, ids[1])] == found(tmp_path, view)

    @pytest.mark.parametrize(
        ("call", "is_reported"),
        [
            ("acme_sdk.send(x)", False),
            ("acme_sdk.Transport().send()", False),
            ("acme_sdk.Sockets().send()", True),
            ("acme_sdk.Sockets().name", True),
            ("acme_sdk.Memory().send()", False),
        ],
    )
    def test_abstract(self, tmp_path: Path, packages: Path, call: str, *, is_reported: bool) -> None:
        """An abstract method blocks in the implementations that do: others may be anywhere."""
        body = """
import time
from abc import ABC, abstractmethod


class Transport(ABC):
    @abstractmethod
    def open(self): ...

    def send(self):
        return self.open()

    @property
    def name(self):
        return self.open()


class Sockets(Transport):
    def open(self):
        time.sleep(1)


class Memory(Transport):
    def open(self):
        pass


def send(transport: Transport):
    transport.send()
"""
        acme(packages, body)
        assert is_reported is bool(found(tmp_path, f"import acme_sdk\n\n\nasync def view(x):\n    {call}\n"))

    def test_derived(self, tmp_path: Path, packages: Path) -> None:
        """A class of the project inherits what blocks, unless it overrides a method that this calls."""
        acme(
            packages,
            "import time\n\n\nclass Client:\n    def ask(self):\n        self.send()\n\n"
            "    def send(self):\n        time.sleep(1)\n",
        )
        view = """
from acme_sdk import Client


class Same(Client):
    def other(self):
        pass


class Fake(Client):
    def send(self):
        pass


async def view():
    Same().ask()
    Fake().ask()
"""
        assert [(16, "dependency:acme_sdk.Client.ask")] == found(tmp_path, view)

    def test_suppressed_by_rule(self, tmp_path: Path, packages: Path) -> None:
        """The ids have a category and a code of their own."""
        from ginger_async_safe.lint.report.rule_names import Names, code_of  # noqa: PLC0415

        acme(packages, "import time\n\n\ndef wait():\n    time.sleep(1)\n")
        (finding,) = checked(tmp_path, "import acme_sdk\n\n\nasync def view():\n    acme_sdk.wait()\n").findings
        assert "GAS103" == code_of(finding.id)
        for name in ("dependency", "dependency:acme_sdk.*", "GAS103", "dependency:acme_sdk.wait"):
            assert Names([name]).match(finding)
        assert not Names(["dependency:other.*"]).match(finding)


class TestPackages:
    """Which packages are read."""

    def test_without_metadata(self, tmp_path: Path, packages: Path) -> None:
        """A module that no installed package lists is not read: nothing says when it changes."""
        (packages / "acme_sdk.py").write_text("import time\n\n\ndef wait():\n    time.sleep(1)\n", encoding="utf-8")
        assert [] == found(tmp_path, "import acme_sdk\n\n\nasync def view():\n    acme_sdk.wait()\n")

    def test_namespace(self, tmp_path: Path, packages: Path) -> None:
        """Packages in a namespace package are told apart."""
        wait = "import time\n\n\ndef wait():\n    time.sleep(1)\n"
        install(packages, "corp-one", "1.0", corp__one____init__=wait)
        install(packages, "corp-two", "2.0", corp__two____init__=wait)
        report = checked(
            tmp_path,
            "from corp import one\nfrom corp.two import wait\n\n\nasync def view():\n    one.wait()\n    wait()\n",
        )
        assert [
            "corp-one 1.0 calls time.sleep: wait → time.sleep",
            "corp-two 2.0 calls time.sleep: wait → time.sleep",
        ] == [each.reason for each in report.findings]

    def test_other_packages(self, tmp_path: Path, packages: Path) -> None:
        """A package may reach the blocking call through another one."""
        install(packages, "core", "1.0", core="import time\n\n\ndef wait():\n    time.sleep(1)\n")
        acme(packages, "from core import wait\n\n\ndef ask():\n    wait()\n")
        (finding,) = checked(tmp_path, "import acme_sdk\n\n\nasync def view():\n    acme_sdk.ask()\n").findings
        assert "acme-sdk 2.1 calls time.sleep: ask → wait → time.sleep" == finding.reason

    def test_circle(self, tmp_path: Path, packages: Path) -> None:
        """Packages that import a name from one another, and classes of which rules cover methods alone, are no trouble."""
        install(packages, "one", "1.0", one="from two import Client\n")
        install(packages, "two", "1.0", two="from one import Client\n")
        install(packages, "grpcio", "1.0", grpc____init__="class UnaryUnaryMultiCallable:\n    pass\n")
        view = "import grpc, one\n\n\nasync def view():\n    one.Client().ask()\n    grpc.UnaryUnaryMultiCallable()\n"
        assert [] == found(tmp_path, view)

    @pytest.mark.parametrize("damage", ["def wait(:\n", "import time\0\n", "# coding: none-such\n"])
    def test_damaged_source(self, tmp_path: Path, packages: Path, damage: str) -> None:
        """Nothing is reported about a module that cannot be parsed, and the check goes on."""
        acme(packages, damage)
        view = "import acme_sdk, time\n\n\nasync def view():\n    acme_sdk.wait()\n    time.sleep(1)\n"
        assert [(6, "time.sleep")] == found(tmp_path, view)

    def test_damaged_metadata(self, tmp_path: Path, packages: Path) -> None:
        """A package whose metadata has no name is not read."""
        acme(packages, "import time\n\n\ndef wait():\n    time.sleep(1)\n")
        (packages / "acme_sdk-2.1.dist-info" / "METADATA").write_text("", encoding="utf-8")
        assert [] == found(tmp_path, "import acme_sdk\n\n\nasync def view():\n    acme_sdk.wait()\n")

    def test_project_first(self, tmp_path: Path, packages: Path) -> None:
        """A module of the project hides an installed one of its name."""
        acme(packages, "import time\n\n\ndef wait():\n    time.sleep(1)\n")
        (tmp_path / "acme_sdk.py").write_text("def wait():\n    pass\n", encoding="utf-8")
        assert [] == found(tmp_path, "import acme_sdk\n\n\nasync def view():\n    acme_sdk.wait()\n")

    def test_nothing_is_run(self, tmp_path: Path, packages: Path) -> None:
        """Neither the packages nor the interpreter of the environment are run."""
        mark = tmp_path / "mark"
        acme(packages, f"import time\n\nopen({str(mark)!r}, 'w')\n\n\ndef wait():\n    time.sleep(1)\n")
        assert 1 == len(found(tmp_path, "import acme_sdk\n\n\nasync def view():\n    acme_sdk.wait()\n"))
        assert not mark.exists()

    def test_cut(self, tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A package that is too large to be read is named."""
        monkeypatch.setattr("ginger_async_safe.lint.source.installed._MAX_READ", 10)
        acme(packages, "import time\n\n\ndef wait():\n    time.sleep(1)\n")
        report = checked(tmp_path, "import acme_sdk\n\n\nasync def view():\n    acme_sdk.wait()\n")
        assert ("acme-sdk 2.1",) == report.statistics.packages_cut
        assert () == report.findings


class TestEnvironments:
    """Where packages are looked for."""

    def test_given(self, tmp_path: Path) -> None:
        """An environment is named by its folder or by its interpreter."""
        acme(make_environment(tmp_path / "other"), "import time\n\n\ndef wait():\n    time.sleep(1)\n")
        view = "import acme_sdk\n\n\nasync def view():\n    acme_sdk.wait()\n"
        for python in ("other", "other/bin/python", str(tmp_path / "other")):
            assert [(5, "dependency:acme_sdk.wait")] == found(tmp_path, view, python=python)

    def test_missing(self, tmp_path: Path) -> None:
        """An environment that is not there is an error."""
        with pytest.raises(ConfigurationError, match="no installed packages in nowhere"):
            checked(tmp_path, VIEW, python="nowhere")

    def test_order(self, tmp_path: Path) -> None:
        """The active environment comes before the project's, and that before the one of the check."""
        own = environment_of(tmp_path, {})
        inside = make_environment(tmp_path / ".venv")
        active = make_environment(tmp_path / "active")
        assert (inside,) == environment_of(tmp_path, {}).folders
        assert (active,) == environment_of(tmp_path, {"VIRTUAL_ENV": str(tmp_path / "active")}).folders
        assert (inside,) == environment_of(tmp_path, {"VIRTUAL_ENV": str(tmp_path / "gone")}).folders
        assert inside not in own.folders

    def test_system_packages(self, tmp_path: Path) -> None:
        """An environment that includes the packages of its base has both."""
        base = make_environment(tmp_path / "base")
        own = make_environment(tmp_path / "own")
        (tmp_path / "own" / "pyvenv.cfg").write_text(
            f"home = {tmp_path / 'base' / 'bin'}\ninclude-system-site-packages = true\n", encoding="utf-8"
        )
        found_there = environment_at(tmp_path / "own")
        assert found_there is not None
        assert (own, base) == found_there.folders


class TestStore:
    """What is kept for the next check."""

    VIEW = "import acme_sdk\n\n\nasync def view():\n    acme_sdk.wait()\n"
    OTHER = "import acme_sdk\n\n\nasync def other():\n    acme_sdk.wait()\n"
    WAIT = "import time\n\n\ndef wait():\n    time.sleep(1)\n"

    def test_read_once(self, tmp_path: Path, packages: Path) -> None:
        """A version is reported and read once, also for code that changes."""
        acme(packages, self.WAIT)
        reported: list[str] = []
        for view in (self.VIEW, self.VIEW, self.OTHER):
            (tmp_path / "views.py").write_text(view, encoding="utf-8")
            settings = CheckSettings(dependencies=True, cache=tmp_path / "cache")
            report = engine.check([tmp_path], root=tmp_path, settings=settings, reading_package=reported.append)
            assert ["dependency:acme_sdk.wait"] == [each.id for each in report.findings]
        assert ["acme-sdk 2.1"] == reported

    def test_new_version(self, tmp_path: Path, packages: Path) -> None:
        """Another version is read anew, also below a package that stays."""
        install(packages, "core", "1.0", core=self.WAIT)
        acme(packages, "from core import wait\n")
        kept = {"cache": tmp_path / "cache"}
        assert 1 == len(found(tmp_path, self.VIEW, **kept))
        shutil.rmtree(packages / "core-1.0.dist-info")
        install(packages, "core", "1.1", core="def wait():\n    pass\n")
        assert [] == found(tmp_path, self.VIEW, **kept)
        assert [] == found(tmp_path, self.OTHER, **kept)

    def test_installed_later(self, tmp_path: Path, packages: Path) -> None:
        """A package that is installed, or removed, changes what is found in code that stays."""
        kept = {"cache": tmp_path / "cache"}
        assert [] == found(tmp_path, self.VIEW, **kept)
        acme(packages, self.WAIT)
        assert 1 == len(found(tmp_path, self.VIEW, **kept))
        shutil.rmtree(packages / "acme_sdk-2.1.dist-info")
        shutil.rmtree(packages / "acme_sdk")
        assert [] == found(tmp_path, self.VIEW, **kept)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda _: b"",
            lambda _: b"[]",
            lambda _: b"\xff",
            lambda content: json.dumps({**content, "names": []}).encode(),
            lambda content: json.dumps({**content, "names": {"acme_sdk.wait": None}}).encode(),
            lambda content: json.dumps({**content, "names": {"acme_sdk.wait": [["callable"], {}]}}).encode(),
            lambda content: json.dumps(
                {**content, "names": {"acme_sdk.wait": [["callable", 1, "", "", 0, [2], 0, 0, []], {}]}}
            ).encode(),
            lambda content: json.dumps(
                {**content, "names": {"acme_sdk.wait": [["callable", "x", "", "f(", 0, [], 0, 0, []], {}]}}
            ).encode(),
        ],
    )
    def test_damaged(self, tmp_path: Path, packages: Path, damage: object) -> None:
        """A damaged file is read anew."""
        acme(packages, self.WAIT)
        kept = {"cache": tmp_path / "cache"}
        found(tmp_path, self.VIEW, **kept)
        file = tmp_path / "cache" / "packages" / "acme-sdk-2.1.json".replace("acme-sdk", "acme_sdk").replace("-2", "_2")
        file.write_bytes(damage(json.loads(file.read_bytes())))  # type: ignore[operator]
        assert [(5, "dependency:acme_sdk.wait")] == found(tmp_path, self.OTHER, **kept)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
    def test_no_file(self, tmp_path: Path, packages: Path) -> None:
        """What is there in place of a file is not read: a FIFO would never end."""
        acme(packages, self.WAIT)
        kept = {"cache": tmp_path / "cache"}
        found(tmp_path, self.VIEW, **kept)
        (file,) = (tmp_path / "cache" / "packages").iterdir()
        file.unlink()
        os.mkfifo(file)
        assert [(5, "dependency:acme_sdk.wait")] == found(tmp_path, self.OTHER, **kept)
        assert file.is_file()

    def test_link_out_of_the_project(self, tmp_path: Path, packages: Path) -> None:
        """A link that leads out of the project is refused: who wrote the project may not choose what is written there."""
        acme(packages, self.WAIT)
        root, outside = tmp_path / "shop", tmp_path / "outside"
        for folder in (root / "cache", outside):
            folder.mkdir(parents=True)
        (root / "cache" / "packages").symlink_to(outside, target_is_directory=True)
        with pytest.raises(ConfigurationError, match=r"packages is a link to .*outside, outside of the project"):
            found(root, self.VIEW, cache=root / "cache", python=str(tmp_path / ".venv"))
        assert [] == list(outside.iterdir())

    def test_readonly(self, tmp_path: Path, packages: Path) -> None:
        """A cache that cannot be written is no error."""
        acme(packages, self.WAIT)
        (tmp_path / "cache").write_text("", encoding="utf-8")
        assert 1 == len(found(tmp_path, self.VIEW, cache=tmp_path / "cache"))


def test_environment_without_packages(tmp_path: Path) -> None:
    """A folder that is no environment has no packages."""
    assert environment_at(tmp_path) is None
    assert environment_at(tmp_path / "gone") is None
    assert environments.Environment(()).file_of("x") is None
