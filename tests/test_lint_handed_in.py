"""What frameworks hand in: dependencies, the shared state of applications, and fields that are filled from outside."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.check.settings import CheckSettings

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
import time
from abc import ABC, abstractmethod
from typing import Annotated, Final

import attrs
import fastapi
from aiohttp import web
from faststream import Depends as StreamDepends
from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings

class Clock:
    def tick(self):
        time.sleep(1)

class Quiet:
    def tick(self):
        return None

class Base(ABC):
    @abstractmethod
    def tick(self): ...

class Slow(Base):
    def tick(self):
        time.sleep(1)

def get_clock():
    return Clock()

def get_quiet() -> Base:
    return Quiet()

def yield_clock():
    yield Clock()

async def await_clock():
    return Clock()

async def async_yield_clock():
    yield Clock()

def get_nothing():
    return None

def get_by_clock(clock=Depends(get_clock)):
    return clock
"""
DEPENDENCIES = [
    # A parameter, and whether what is handed in for it blocks.
    ("clock=Depends(get_clock)", True),
    ("clock=Depends(get_quiet)", False),
    ("clock: Base = Depends(get_quiet)", False),
    ("clock: Base = Depends(get_clock)", True),
    ("clock=Depends(yield_clock)", True),
    ("clock=Depends(await_clock)", True),
    ("clock=Depends(async_yield_clock)", True),
    ("clock=Depends(dependency=get_clock)", True),
    ("clock=Depends(get_by_clock)", True),
    ("clock=Depends(Clock)", True),
    ("clock=Depends(Quiet)", False),
    ("clock: Clock = Depends()", True),
    ("clock: Quiet = Depends()", False),
    ("clock: Clock = Depends(unknown)", True),
    ("clock=Depends(unknown)", False),
    ("clock: Clock = Depends(get_nothing)", True),
    ("clock=fastapi.Security(get_clock)", True),
    ("clock=fastapi.params.Depends(get_clock)", True),
    ("clock=StreamDepends(get_clock)", True),
    ("clock: Annotated[Base, Depends(get_clock)]", True),
    ("clock: Annotated[Base, Depends(get_quiet)]", False),
    ("clock: Annotated[Clock, Depends()]", True),
    ("clock: Annotated[Clock, fastapi.Query()]", True),
    ("clock: Annotated[Quiet, get_clock]", False),
    ("clock: ClockDep", True),
    ("clock: ClockDep | None = None", True),
    ("clock=ClockAsked", True),
]


@pytest.mark.parametrize(("parameter", "blocks"), DEPENDENCIES)
def test_dependency(tmp_path: Path, parameter: str, *, blocks: bool) -> None:
    """A framework hands in what a dependency returns, yields or is an instance of, or else what is annotated."""
    source = f"""{HEAD}
ClockDep = Annotated[Base, Depends(get_clock)]
ClockAsked = Depends(get_clock)

async def endpoint({parameter}):
    clock.tick()
"""
    assert blocks is bool(found_in(tmp_path, source))


STATES = [
    # What puts it there, what reads it, and whether that blocks.
    ("async def lifespan(app: FastAPI):\n    app.state.clock = Clock()", "request.app.state.clock.tick()", True),
    ("async def lifespan(app):\n    app.state.clock = Quiet()", "request.app.state.clock.tick()", False),
    ("async def lifespan(app: FastAPI):\n    app.state.clock = Clock()", "request.app.state.other.tick()", False),
    ("app = FastAPI()\napp.state.clock = Clock()", "request.app.state.clock.tick()", True),
    ("async def middle(request, call):\n    request.state.clock = Clock()", "request.state.clock.tick()", True),
    ("class Make:\n    def start(self, app):\n        app.ctx.clock = Clock()", "request.app.ctx.clock.tick()", True),
    (
        "def start(app):\n    @app.on_event('startup')\n    async def made():\n        app.state.clock = Clock()",
        "request.app.state.clock.tick()",
        True,
    ),
    (
        "def start(app):\n    app.state.first = Clock()\n    app.state.clock = app.state.first",
        "request.app.state.clock.tick()",
        True,
    ),
    (
        "class Machine:\n    def start(self):\n        self.state.clock = Clock()",
        "request.app.state.clock.tick()",
        False,
    ),
    ("async def start(app: web.Application):\n    app['clock'] = Clock()", "request.app['clock'].tick()", True),
    ("async def start(app: web.Application):\n    app['clock'] = Clock()", "request.app['other'].tick()", False),
    ("KEY = web.AppKey('clock')\nasync def start(app):\n    app[KEY] = Clock()", "request.app[KEY].tick()", True),
    ("KEY = web.AppKey('clock', Clock)", "request.app[KEY].tick()", True),
    ("KEY = web.AppKey('clock', Quiet)", "request.app[KEY].tick()", False),
]


@pytest.mark.parametrize(("put", "read", "blocks"), STATES)
def test_shared_state(tmp_path: Path, put: str, read: str, *, blocks: bool) -> None:
    """What functions put on the application, others find there."""
    source = f"{HEAD}\n{put}\n\nasync def endpoint(request: Request):\n    {read}\n"
    assert blocks is bool(found_in(tmp_path, source))


def test_state_of_same_function(tmp_path: Path) -> None:
    """A function finds what it has itself put on the application."""
    source = f"{HEAD}\nasync def lifespan(app: FastAPI):\n    app.state.clock = Clock()\n    yield\n    app.state.clock.tick()\n"
    assert ["shop.lifespan"] == found_in(tmp_path, source)


FIELDS = [
    # The class of settings, a test, and whether what follows it is reached.
    ("class Settings(BaseSettings):\n    debug: bool = False", "settings.debug", True),
    ("class Settings(BaseSettings):\n    debug: bool = Field(False)", "settings.debug", True),
    (
        "class Settings(BaseSettings):\n    folder: str | None = Field(default=None)",
        "settings.folder is not None",
        True,
    ),
    ("class Settings(BaseModel):\n    debug: bool = False", "settings.debug", True),
    ("class Settings(BaseModel):\n    clock: Clock | None = Field(default=None)", "settings.clock", True),
    ("class Settings(BaseSettings):\n    DEBUG = False", "settings.DEBUG", False),
    ("class Settings:\n    debug: Final = False", "settings.debug", False),
]


@pytest.mark.parametrize(("settings", "test", "reached"), FIELDS)
def test_filled_from_outside(tmp_path: Path, settings: str, test: str, *, reached: bool) -> None:
    """The default of a field of settings or of a model is not its value."""
    source = f"{HEAD}\n{settings}\n\nsettings = Settings()\n\nasync def use():\n    if {test}:\n        time.sleep(1)\n"
    assert reached is bool(found_in(tmp_path, source))


@pytest.mark.parametrize(
    ("field", "blocks"),
    [
        ("Field(default_factory=Clock)", True),
        ("Field(default_factory=Quiet)", False),
        ("Field(...)", True),
        ("attrs.field(factory=Clock)", True),
        ("attrs.Factory(Clock)", True),
    ],
)
def test_field(tmp_path: Path, field: str, *, blocks: bool) -> None:
    """A field has what its default factory makes, or what is annotated."""
    annotation = "" if "Quiet" in field else ": Clock"
    source = f"{HEAD}\nclass Model:\n    clock{annotation} = {field}\n\nasync def use(model: Model):\n    model.clock.tick()\n"
    assert blocks is bool(found_in(tmp_path, source))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695")
@pytest.mark.parametrize(
    ("definition", "parameter", "call", "blocks"),
    [
        ("type Alias = Clock", "clock: Alias", "clock.tick()", True),
        ("type Alias = Clock | None", "clock: Alias", "clock and clock.tick()", True),
        ("type Alias = Quiet", "clock: Alias", "clock.tick()", False),
        ("class Box[T]:\n    def get(self) -> T: ...", "box: Box[Clock]", "box.get().tick()", True),
        ("class Box[T]:\n    def get(self) -> T: ...", "box: Box[Quiet]", "box.get().tick()", False),
        ("class Box[T: Clock]:\n    def get(self) -> T: ...", "box: Box", "box.get().tick()", True),
        ("class Box[T]:\n    item: T\nclass Of(Box[Clock]): pass", "box: Of", "box.item.tick()", True),
    ],
)
def test_new_syntax(tmp_path: Path, definition: str, parameter: str, call: str, *, blocks: bool) -> None:
    """Aliases and type parameters of Python 3.12 stand for what the older forms do."""
    source = f"{HEAD}\n{definition}\n\nasync def use({parameter}):\n    {call}\n"
    assert blocks is bool(found_in(tmp_path, source))


@pytest.mark.parametrize(("count", "left_out"), [(50, 0), (53, 3)])
def test_too_many_derived(tmp_path: Path, count: int, left_out: int) -> None:
    """Of many classes that implement an abstract one, the first are read; how many are left out is reported."""
    classes = "".join(
        f"class Of{number}(Base):\n    def tick(self): return {number}\n\n" for number in range(count - 1)
    )
    source = f"{HEAD}\n{classes}async def use(base: Base):\n    base.tick()\n"
    assert ["shop.use"] == found_in(tmp_path, source)
    report = engine.check([tmp_path], root=tmp_path, settings=CheckSettings())
    assert left_out == report.statistics.skipped_classes


@pytest.mark.parametrize(("count", "blocks"), [(4, True), (5, False)])
def test_too_many_structural(tmp_path: Path, count: int, *, blocks: bool) -> None:
    """Where more than four classes have the methods of a protocol, they have them by chance."""
    classes = "".join(f"class Of{number}:\n    def ring(self): time.sleep(1)\n\n" for number in range(count))
    protocol = "from typing import Protocol\n\nclass Ringing(Protocol):\n    def ring(self): ...\n\n"
    source = f"{HEAD}\n{protocol}{classes}async def use(it: Ringing):\n    it.ring()\n"
    assert blocks is bool(found_in(tmp_path, source))
    report = engine.check([tmp_path], root=tmp_path, settings=CheckSettings())
    assert (0 if blocks else count) == report.statistics.skipped_classes


def test_cached(tmp_path: Path) -> None:
    """A class that is added elsewhere, and implements an abstract one or a protocol, is noticed despite the cache."""
    source = tmp_path / "source"
    source.mkdir()
    settings = CheckSettings(cache=source / ".cache")
    (source / "shop.py").write_text(
        "from abc import ABC, abstractmethod\nfrom typing import Protocol\n\n"
        "class Base(ABC):\n    @abstractmethod\n    def tick(self): ...\n\n"
        "class Ringing(Protocol):\n    def ring(self): ...\n\n"
        "async def tick(base: Base):\n    base.tick()\n\nasync def ring(it: Ringing):\n    it.ring()\n",
        encoding="utf-8",
    )

    def found() -> list[str]:
        report = engine.check([source], root=source, settings=settings)
        return sorted(finding.chain[0].function for finding in report.findings)

    assert [] == found()
    derived = "import time\nimport shop\n\nclass Slow(shop.Base):\n    def tick(self): time.sleep(1)\n"
    (source / "other.py").write_text(derived, encoding="utf-8")
    assert ["shop.tick"] == found()
    (source / "other.py").write_text(derived + "    def ring(self): time.sleep(1)\n", encoding="utf-8")
    assert ["shop.ring", "shop.tick"] == found()
    (source / "other.py").write_text(derived.replace("shop.Base", "object"), encoding="utf-8")
    assert [] == found()


def found_in(folder: Path, source: str) -> list[str]:
    """Return the async functions of a program in which the check finds ``time.sleep``."""
    (folder / "shop.py").write_text(source, encoding="utf-8")
    report = engine.check([folder], root=folder, settings=CheckSettings())
    assert not report.unread
    return [finding.chain[0].function for finding in report.findings if finding.id == "time.sleep"]
