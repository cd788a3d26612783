"""Notebooks: their cells are read, and findings say in which cell they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ginger_async_safe.cli import main
from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.check.settings import CheckSettings
from ginger_async_safe.lint.source.notebooks import OtherLanguage, read_notebook


def code(source: str) -> dict[str, Any]:
    """Return a code cell."""
    lines = source.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": lines}


def text(source: str) -> dict[str, Any]:
    """Return a cell of text."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def notebook(*cells: dict[str, Any] | str, language: str = "python", **others: Any) -> bytes:
    """Return a notebook in nbformat 4.5."""
    metadata = {
        "kernelspec": {"display_name": "It", "language": language, "name": "it"},
        "language_info": {"name": language},
    }
    content = {
        "cells": [code(cell) if isinstance(cell, str) else cell for cell in cells],
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
        **others,
    }
    return json.dumps(content).encode()


SLOW = "async def slow():\n    time.sleep(1)\n"


def found(path: Path) -> list[tuple[int, int, str]]:
    """Return the cell, line and rule of each finding of a notebook."""
    report = engine.check([path], root=path.parent, settings=CheckSettings())
    assert () == report.unread
    return [(each.chain[0].cell, each.chain[0].line, each.id) for each in report.findings]


def test_cut_short(tmp_path: Path) -> None:
    """What was not followed to the end has a place in a cell."""
    path = tmp_path / "deep.ipynb"
    deep = "\n".join(f"def f{n}():\n    f{n + 1}()" for n in range(60))
    path.write_bytes(notebook(deep, "\nasync def view():\n    f0()\n"))
    report = engine.check([path], root=tmp_path, settings=CheckSettings())
    assert [(2, 2, "deep.view")] == [(each.cell, each.line, each.function) for each in report.cuts]


class TestCells:
    """The source of a notebook."""

    @pytest.mark.parametrize(
        ("source", "read"),
        [
            ("x = 1 % 2", "x = 1 % 2"),
            ("%pip install x\n!ls\nx = 1", "pass\npass\nx = 1"),
            ("if x:\n    !ls 'a\n    y = !cat f\ny", "if x:\n    pass\n    y = get_ipython()\ny"),
            ("a, b = %magic 1", "a, b = get_ipython()"),
            ("%time x = f(1)", "x = f(1)"),
            ("%%time\nawait f()", "\nawait f()"),
            ("\n%%capture out\n!ls\nawait f()", "\n\npass\nawait f()"),
            ("%%bash\nls\nls -l", "\n\n"),
            ("f.bar??\n?f\nf?\n%time?", "pass\npass\npass\npass"),
            ("x = (a\n % b)\n!ls", "x = (a\n % b)\npass"),
            ("x = '''\n%foo\n'''\n%foo", "x = '''\n%foo\n'''\npass"),
            ("!ls \\\n  -l\nx = 1", "pass\n\nx = 1"),
            ("!echo ( it's\nx = 1", "pass\nx = 1"),
            ("x = 1 # what?\n!ls", "x = 1 # what?\npass"),
            ("# coding: latin-1\nx = 'é'", "# coding:  latin-1\nx = 'é'"),
        ],
    )
    def test_magics(self, source: str, read: str) -> None:
        """Magics are replaced by Python that does nothing, in as many lines; what they run in Python is read."""
        made = read_notebook(notebook(source))
        assert (read, ()) == (made.source, made.broken)

    def test_windows(self) -> None:
        """Lines may end in any way, and the source of a cell may be one text."""
        cell = {**code(""), "source": "x = 1\r\ny = 2\rz = 3"}
        assert "x = 1\ny = 2\nz = 3\na = 1" == read_notebook(notebook(cell, "a = 1")).source

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (b"{", "no valid notebook: "),
            (b"[]", "no valid notebook: it does not say its nbformat"),
            (b"[" * 100_000, "no valid notebook: "),
            (notebook(nbformat=3), "its nbformat is 3, and 4 is read; save it with a newer Jupyter"),
            (notebook(cells={}), "no valid notebook: it has no list of cells"),
            (notebook(cells=[1]), "no valid notebook: it has no list of cells"),
            (notebook({"cell_type": "code"}), "no valid notebook: cell 1 has no source"),
        ],
    )
    def test_invalid(self, data: bytes, why: str) -> None:
        """What is no notebook, or an older one, is an error."""
        with pytest.raises(ValueError, match=f"^{why}"):
            read_notebook(data)

    def test_other_language(self) -> None:
        """Cells of another language are not read as Python."""
        with pytest.raises(OtherLanguage, match=r"^julia$"):
            read_notebook(notebook("println(1)", language="Julia"))


class TestFindings:
    """What is reported about notebooks."""

    def test_places(self) -> None:
        """A finding has the number of its cell, among all cells as Jupyter shows them, and its line there."""
        path = Path.cwd() / "nb.ipynb"
        path.write_bytes(notebook("import time\n", text("# Slow"), f"%pip install x\n{SLOW}", "", f"\n{SLOW}"))
        assert [(3, 3, "time.sleep"), (5, 3, "time.sleep")] == found(path)

    def test_chain(self) -> None:
        """A call chain leads through cells and modules of the project."""
        Path("clock.py").write_text("import time\n\n\ndef wait():\n    time.sleep(1)\n", encoding="utf-8")
        path = Path.cwd() / "nb.ipynb"
        path.write_bytes(
            notebook("from clock import wait", "def rest():\n    wait()\n", "async def view():\n    rest()")
        )
        (finding,) = engine.check([path], root=Path.cwd(), settings=CheckSettings(), context=[Path.cwd()]).findings
        assert [(3, 2), (2, 2), (0, 5)] == [(step.cell, step.line) for step in finding.chain]

    def test_not_imported(self) -> None:
        """A notebook is no module that others may import."""
        (Path.cwd() / "clock.ipynb").write_bytes(notebook("import time\n\ndef wait():\n    time.sleep(1)"))
        Path("views.py").write_text("from clock import wait\n\n\nasync def view():\n    wait()\n", encoding="utf-8")
        assert () == engine.check([Path.cwd()], root=Path.cwd(), settings=CheckSettings()).findings

    def test_cache(self) -> None:
        """A second check finds the same from the cache, and a changed cell is found anew."""
        path, settings = Path.cwd() / "nb.ipynb", CheckSettings(cache=Path.cwd() / ".cache")
        path.write_bytes(notebook("import time\n", SLOW))
        first = engine.check([path], root=Path.cwd(), settings=settings)
        assert first == engine.check([path], root=Path.cwd(), settings=settings)
        path.write_bytes(notebook("import time\n", "", SLOW))
        assert [3] == [each.chain[0].cell for each in engine.check([path], root=Path.cwd(), settings=settings).findings]

    def test_suppressions(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Comments in cells suppress what is on their lines of the same cell; problems name the cell."""
        allowed = SLOW.replace("(1)", "(1)  # async-safe: allow[time.sleep] - a demonstration")
        unused = "x = 1\nx = 2  # async-safe: allow[time.sleep] - a demonstration"
        Path("nb.ipynb").write_bytes(notebook("import time\n", allowed, SLOW, unused))
        assert 1 == main(["check", "--format", "concise"])
        first, second = capsys.readouterr().out.splitlines()
        assert first.startswith("nb.ipynb:cell 3:2:5: GAS201 time.sleep blocks")
        assert "nb.ipynb:cell 4:2: unused suppression: # async-safe: allow[time.sleep]; delete it" == second

    def test_broken_cell(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A cell that is no Python is reported, and the others are checked."""
        Path("nb.ipynb").write_bytes(notebook("import time\n", "x = 1\ndef (:\n", SLOW))
        assert 2 == main(["check", "--format", "concise"])
        first, second = capsys.readouterr().out.splitlines()
        assert first.startswith("nb.ipynb:cell 3:2:5: GAS201 time.sleep blocks")
        assert second.startswith("nb.ipynb:cell 2:2: could not be read: ")

    def test_no_code(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A notebook without code has no findings, and one in another language is left out, with a word."""
        Path("empty.ipynb").write_bytes(notebook(text("# Nothing")))
        Path("other.ipynb").write_bytes(notebook("println(1)", language="julia"))
        assert 0 == main(["check"])
        assert "left out\n  other.ipynb: a notebook in julia\n\nno findings in 1 file\n" == capsys.readouterr().out

    def test_formats(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Programs get the cell, too, and never a line that would be one of the file's JSON."""
        Path("nb.ipynb").write_bytes(notebook("import time\n", SLOW))
        main(["check", "--format", "json"])
        (step,) = json.loads(capsys.readouterr().out)["findings"][0]["chain"]
        assert {"path": "nb.ipynb", "cell": 2, "line": 2}.items() <= step.items()
        main(["check", "--format", "github"])
        line = capsys.readouterr().out
        assert line.startswith(
            "::error file=nb.ipynb,title=Blocks the event loop%3A time.sleep::nb.ipynb:cell 2:2:5: time.sleep"
        )
        main(["check", "--format", "sarif"])
        (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
        (location,) = result["locations"]
        assert "cell 2, line 2" == location["message"]["text"]
        assert "region" not in location["physicalLocation"]
