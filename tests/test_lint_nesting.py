"""Source that nests deeply, as generated code does, is read like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.cli import main
from ginger_async_safe.lint.check import engine

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = {
    # Python 3.12 itself parses no deeper ones.
    "attributes": f"a{'.b' * 2000}",
    "calls": f"f{'()' * 900}",
    "methods": f"query{'.filter()' * 1000}",
    "sum": " + ".join(["f()"] * 2000),
    "alternatives": " or ".join(f"f{index}()" for index in range(3000)),
    "brackets": "[" * 90 + "]" * 90,
    "lambdas": f"{'lambda: ' * 80}1",
    "text": " ".join(['"a"'] * 3000),
}


@pytest.mark.parametrize("name", SOURCES)
def test_nested(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What follows such an expression at import, and in an async function, is found."""
    monkeypatch.chdir(tmp_path)
    nested = SOURCES[name]
    (tmp_path / "shop.py").write_text(
        f"import time\nx = {nested}\n\n@decorated({nested})\nasync def view(y={nested}):\n    z = {nested}\n    time.sleep(1)\n",
        encoding="utf-8",
    )
    assert 1 == main(["check", "--no-cache", "--format", "concise"])
    assert "shop.py:7:5: GAS201 time.sleep" in capsys.readouterr().out


def test_branches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Long chains of branches are read to their end."""
    monkeypatch.chdir(tmp_path)
    branches = "".join(f"    elif kind == {index}: pass\n" for index in range(1000))
    (tmp_path / "shop.py").write_text(
        f"import time\nasync def view(kind):\n    if kind: pass\n{branches}    else: time.sleep(1)\n", encoding="utf-8"
    )
    assert 1 == main(["check", "--no-cache", "--format", "concise"])
    assert "shop.py:1004:11: GAS201 time.sleep" in capsys.readouterr().out


def test_too_deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A function that nests deeper than this Python allows is named as one that is not followed to the end."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine, "_RECURSION", 1000)
    (tmp_path / "shop.py").write_text(
        f"import time\n\nasync def deep():\n    {SOURCES['methods']}\n\nasync def view():\n    time.sleep(1)\n",
        encoding="utf-8",
    )
    assert 1 == main(["check", "--no-cache", "--statistics"])
    printed = capsys.readouterr().out
    assert "shop.py:7:5: GAS201 time.sleep" in printed
    assert "shop.py:3 in shop.deep: its expressions or statements nest too deeply for this Python" in printed
