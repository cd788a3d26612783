"""Reports of a check, written by hand, and an engine that returns them."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import ginger_async_safe.lint.check
from ginger_async_safe.lint.domain.findings import Finding, Report, Statistics, Step
from ginger_async_safe.lint.source.suppression_comments import comments_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from ginger_async_safe.lint.domain.findings import Cut, Unread

VIEWS = """\
from shop.stock import recount, wait


async def dashboard():
    wait()


async def cart():
    wait()


async def shelf():
    recount()
"""
STOCK = """\
import time


def wait():
    time.sleep(1)


def recount():
    wait()
"""
SLEEP: dict[str, Any] = {
    "id": "time.sleep",
    "call": "time.sleep",
    "fix": "await asyncio.sleep(...)",
    "reason": "it waits",
}


def step(file: str, line: int, function: str, call: str) -> Step:
    """Return a step in a file of the working directory."""
    return Step(Path.cwd() / file, line, 5, function, call)


def sleeps(function: str, line: int) -> Finding:
    """Return a finding of an async function that calls ``wait``."""
    chain = (step("shop/views.py", line, f"shop.views.{function}", "shop.stock.wait"), WAITS())
    return Finding(chain, **SLEEP)


def WAITS() -> Step:  # noqa: N802 - a constant, but for the working directory
    """Return the step that sleeps."""
    return step("shop/stock.py", 5, "shop.stock.wait", "time.sleep")


def recounts() -> Finding:
    """Return the finding of the async function that calls ``recount``."""
    chain = (
        step("shop/views.py", 13, "shop.views.shelf", "shop.stock.recount"),
        step("shop/stock.py", 9, "shop.stock.recount", "shop.stock.wait"),
        WAITS(),
    )
    return Finding(chain, **SLEEP)


def marked(line: int = 13) -> Finding:
    """Return a finding of a marked function."""
    chain = (step("shop/views.py", line, "shop.views.shelf", "shop.stock.recount"),)
    return Finding(chain, "marked:shop.stock.recount", "shop.stock.recount", "await shop.stock.arecount()")


class Engine:
    """A replacement for the engine: it reads comments from the existing files, and reports what it is given.

    Attributes:
        findings: The findings that it reports.
        unread: The files that it cannot read.
        cuts: The functions that it does not follow to the end.
        arguments: The arguments of its last call.
        marks: The marked functions that it lists.
        packages: The installed packages that it reads in part.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = [sleeps("dashboard", 5), sleeps("cart", 9), recounts()]
        self.unread: list[Unread] = []
        self.cuts: list[Cut] = []
        self.arguments: dict[str, Any] = {}
        self.marks: list[Any] = []
        self.packages: tuple[str, ...] = ()

    def check(
        self,
        paths: list[Path],
        *,
        root: Path,
        settings: object,
        progress: Callable[[int, int], None] | None = None,
        reading_package: Callable[[str], None] | None = None,
        **others: object,
    ) -> Report:
        """Return the report."""
        self.arguments = {"paths": paths, "root": root, "settings": settings, **others}
        files = sorted(root.rglob("*.py"))
        comments = {path: comments_of(path.read_text(encoding="utf-8")) for path in files}
        if progress is not None:
            progress(1, len(files))
        if reading_package is not None:
            reading_package("acme-sdk 2.1")
        return Report(
            tuple(self.findings),
            tuple(self.unread),
            {path: found for path, found in comments.items() if found},
            Statistics(
                files=len(files),
                lines=22,
                async_functions=3,
                calls=8,
                unresolved=2,
                packages_read=len(self.packages),
                packages_cut=self.packages,
            ),
            cuts=tuple(self.cuts),
        )

    def marked_functions(self, paths: list[Path], *, root: Path, settings: object) -> tuple[Any, ...]:
        """Return the marked functions."""
        self.arguments = {"paths": paths, "root": root, "settings": settings}
        return tuple(self.marks)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Replace the engine."""
        module = ModuleType("ginger_async_safe.lint.check.engine")
        module.check = self.check  # type: ignore[attr-defined]
        module.marked_functions = self.marked_functions  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(ginger_async_safe.lint.check, "engine", module, raising=False)


def write_shop(*, views: str = VIEWS, stock: str = STOCK, settings: str = "") -> None:
    """Write the shop that the findings are in into the working directory."""
    shop = Path.cwd() / "shop"
    shop.mkdir(exist_ok=True)
    for name, text in {"__init__": "", "views": views, "stock": stock}.items():
        (shop / f"{name}.py").write_text(text, encoding="utf-8")
    (Path.cwd() / "pyproject.toml").write_text(settings, encoding="utf-8")


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True
