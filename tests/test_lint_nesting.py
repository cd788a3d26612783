"""Source that nests deeply, as generated code does, is read like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.cli import main

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = {
    "attributes": f"a{'.b' * 3000}",
    "calls": f"f{'()' * 900}",
    "methods": f"query{'.filter()' * 1500}",
    "sum": " + ".join(["f()"] * 4000),
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
