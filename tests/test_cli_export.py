"""``ginger-async-safe export``: other tools accept its output, and find what it names."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from _reports import Engine, write_shop

from ginger_async_safe.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

STOCK = """\
class Stock:
    def save(self):
        pass


def recount():
    pass
"""
VIEWS = """\
import time
import subprocess as programs
from shop.stock import Stock, recount as count


async def view(stock: Stock):
    count()
    stock.save()
    time.sleep(1)
    programs.run("ls")
"""
OWN = (
    '[[tool.ginger_async_safe.rules.add]]\ntarget = "shop.clock.wait"\nfix = "await shop.clock.await_it(1, 2) -> #3"\n'
)


class Marked(NamedTuple):
    """What the engine reports about a marked function."""

    name: str
    fix: str


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine that knows the marked functions of the shop."""
    write_shop(views=VIEWS, stock=STOCK, settings=OWN)
    found = Engine()
    found.marks = [Marked("shop.stock.recount", "await arecount()"), Marked("shop.stock.Stock.save", "")]
    found.install(monkeypatch)
    return found


@pytest.fixture
def export(engine: Engine, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run the export; return what it prints."""

    def run(*words: str) -> str:
        assert 0 == main(["export", *words])
        return capsys.readouterr().out

    return run


def findings(program: str, *words: str) -> str:
    """Return the findings of another tool; skip the test if it is not installed."""
    found = shutil.which(program, path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip(f"{program} is not installed")
    result = subprocess.run([found, *words], check=False, capture_output=True, encoding="utf-8", timeout=60)
    assert 1 == result.returncode, result.stderr
    return result.stdout


def test_ruff(export: Callable[..., str]) -> None:
    """Ruff bans the project's functions, wherever they are used; the rules only with ``--rules all``."""
    Path("pyproject.toml").write_text(export("ruff"), encoding="utf-8")
    words = ("check", "--no-cache", "--select", "TID251", "--output-format", "concise", "shop/views.py")
    text = findings("ruff", *words)
    assert "TID251 `shop.stock.recount` is banned: It blocks the event loop; write await arecount()" in text
    assert "time.sleep" not in text
    Path("pyproject.toml").write_text(OWN, encoding="utf-8")
    Path("pyproject.toml").write_text(export("ruff", "--rules", "all"), encoding="utf-8")
    assert "`time.sleep` is banned" in findings("ruff", *words)


def test_flake8_async(export: Callable[..., str]) -> None:
    """flake8-async finds the project's functions and the rules in async functions."""
    if importlib.util.find_spec("flake8_async") is None:
        pytest.skip("flake8-async is not installed")
    text = export("flake8-async")
    assert "    shop.clock.wait -> await shop.clock.await_it(1; 2) to #3,\n" in text
    Path(".flake8").write_text(text, encoding="utf-8")
    found = findings("flake8", "--select", "ASYNC200", "shop")
    assert ["shop/views.py:7:5:", "shop/views.py:9:5:", "shop/views.py:10:5:"] == [
        line.partition(" ")[0] for line in found.splitlines()
    ]
    assert "sync call shop.stock.recount in async function, consider replacing with await arecount()." in found


def test_hydroid(export: Callable[..., str]) -> None:
    """Hydroid finds the project's functions and methods, with the fix, and the rules."""
    Path("pyproject.toml").write_text(export("hydroid"), encoding="utf-8")
    found = findings("hydroid", ".", "--no-cache")
    assert "error[blocking-marked]: `shop.stock.recount` blocks the event loop" in found
    assert "= help: await arecount()" in found
    assert "`shop.stock.Stock.save` blocks" in found
    assert "error[blocking-time]: `time.sleep` blocks" in found


@pytest.mark.parametrize("tool", ["ruff", "flake8-async", "hydroid"])
def test_which_rules(tool: str, export: Callable[..., str]) -> None:
    """The export contains all rules, the project's own, or none; marked functions are always there."""
    for which, own, all_of_them in (("all", True, True), ("project", True, False), ("none", False, False)):
        text = export(tool, "--rules", which)
        assert (True, own, all_of_them) == tuple(name in text for name in ("stock.recount", "clock.wait", "time.sleep"))


def test_paths(engine: Engine, export: Callable[..., str]) -> None:
    """It reads the given paths, or those of the settings."""
    export("ruff", "shop")
    assert [Path.cwd() / "shop"] == engine.arguments["paths"]
    export("ruff")
    assert [Path.cwd()] == engine.arguments["paths"]


def test_trouble(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that does not exist is an error; an unknown tool is a usage error."""
    assert 2 == main(["export", "ruff", "nowhere"])
    assert "there is no file or folder nowhere" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["export", "pylint"])
    assert 2 == stopped.value.code
