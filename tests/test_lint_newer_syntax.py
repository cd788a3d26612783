"""Files that need a newer Python than the one that parses them are reported as such."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.check.settings import CheckSettings
from ginger_async_safe.lint.interpreter import expressions, statements

if TYPE_CHECKING:
    from pathlib import Path

HERE = sys.version_info[:2]

NEEDS = {
    (3, 10): ("match x:\n    case [1, *_]: pass", "with (a as b, c as d): pass", 'f"{x!r:>{10}}"'),
    (3, 11): (
        "try: pass\nexcept* A: pass",
        "try: pass\nexcept *(A, B) as e: pass",
        "x[*a, 1]",
        "def f(*args: *Ts): pass",
    ),
    (3, 12): (
        "type X = int",
        "if 1:\n    type X[T, *Ts, **P] = int",
        "def f[T: (int, str)](x: T) -> T: pass",
        "class A[T](B[T]):\n    async def f[\n        S,\n    ](self): pass",
        'x = f"{d["key"]!r:>{w["a"]}}" "more"',
        'x = (f"{\n  y  # why\n}" f"{f"{f"{z=}"}"}")',
        r"""x = f"{'\n'.join(a)} \N{LATIN SMALL LETTER A} {{}}" """,
    ),
    (3, 13): ("class A[T = int]: pass", "type X[T: str = str, *Ts = *tuple[int]] = T"),
    (3, 14): (
        't"hello {name!r:>{10}}"',
        "x = rt'{a}' t'{b=}' t'''{\n c\n}'''",
        'f(t"{t"{a["b"]}"}")',
        "try: pass\nexcept A, B: pass",
        "try: pass\nexcept* A, b.C(1, 2): pass",
        "def f[T = int](): return t'{x}'",
    ),
    (3, 15): (
        "lazy import a.b as c, d",
        "if 1:\n  lazy from a import (\n    b,\n    c,\n  )",
        "x = [*a for a in b]",
        "return {**a for a in b}",
        "f(*a for a in b)",
        "x = {*a async for a in b if c}",
        "lazy import a\nx = t'{[*y for y in z]}'",
    ),
}
BROKEN = (
    "def (:",
    "x = 1\n  y = 2",
    "x = [*a, b for a in c]",
    "x[*a for a in b]",
    "f(**a for a in b)",
    "lazy x",
    "lazy import",
    "type X",
    "type X[] = 1",
    "def f[1](): pass",
    "def f[T U](): pass",
    "class A[T=: pass",
    "try: pass\nexcept A, B as e: pass",
    "try: pass\nexcept*: pass",
    't"a" "b"',
    "t'{}'",
    "t'{a'",
    "t'{a b}'",
    "t'a",
    "f'{a b}'",
    "f'{}'",
    "lazy import a\ndef (:",
    "print 'x'",
)


BLOCKS = {
    (3, 10): (
        "return f'{1:{time.sleep(1)}}'",
        "return f'{1!r:>{2}{time.sleep(1)!s}}'",
        "return range(9)[time.sleep(1):]",
        "return {*[time.sleep(1)]}",
    ),
    (3, 11): ("try: time.sleep(1)\n    except* A: pass",),
    (3, 12): ("return f'{f'{time.sleep(1)}'}'",),
    (3, 14): (
        "return t'{time.sleep(1)}'",
        "return t'{1!r:{time.sleep(1)}}'",
        "return t'{f'{time.sleep(1)}'}'",
        "try: time.sleep(1)\n    except A, B: pass",
    ),
    (3, 15): (
        "return [*time.sleep(1) for x in y]",
        "return {**time.sleep(1) for x in y}",
        "lazy import os\n    os.mkdir('x')",
    ),
}
"""What blocks in an async function, by the Python that can read it."""


def reason(folder: Path, source: str) -> str:
    """Return why the check cannot read a file, or nothing if it can."""
    (folder / "program.py").write_text(source, encoding="utf-8")
    unread = engine.check([folder], root=folder, settings=CheckSettings(cache=None)).unread
    return "".join(each.why for each in unread)


@pytest.mark.parametrize("needed", NEEDS, ids=lambda needed: ".".join(map(str, needed)))
def test_needs_newer(tmp_path: Path, needed: tuple[int, int]) -> None:
    """A file is read by the Python that introduced its syntax, and older ones report which version that is."""
    message = f"needs Python {needed[0]}.{needed[1]}; this is {HERE[0]}.{HERE[1]}" if needed > HERE else ""
    assert dict.fromkeys(NEEDS[needed], message) == {source: reason(tmp_path, source) for source in NEEDS[needed]}


@pytest.mark.parametrize("source", BROKEN)
def test_broken_everywhere(tmp_path: Path, source: str) -> None:
    """A file that no Python can parse is reported as broken."""
    why = reason(tmp_path, source)
    assert why
    assert "needs Python" not in why


@pytest.mark.parametrize("source", [each for needed, all_of in BLOCKS.items() if needed <= HERE for each in all_of])
def test_is_read(tmp_path: Path, source: str) -> None:
    """Calls are found in all syntax of this Python."""
    (tmp_path / "program.py").write_text(f"import time\nasync def view(y):\n    {source}\n", encoding="utf-8")
    assert 1 == len(engine.check([tmp_path], root=tmp_path, settings=CheckSettings(cache=None)).findings)


def test_nodes_that_no_reader_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Syntax nodes that the check does not know yet are evaluated."""
    monkeypatch.delitem(expressions._HANDLERS, ast.Compare)
    monkeypatch.delitem(statements._HANDLERS, ast.With)
    source = "import time\nasync def view(y):\n    with y:\n        return 1 < time.sleep(1)\n"
    (tmp_path / "program.py").write_text(source, encoding="utf-8")
    assert 1 == len(engine.check([tmp_path], root=tmp_path, settings=CheckSettings(cache=None)).findings)


@pytest.mark.skipif(HERE < (3, 12), reason="there are no type aliases before 3.12")
def test_type_alias_is_lazy(tmp_path: Path) -> None:
    """The value of a type alias is not evaluated there (PEP 695)."""
    source = "import time\nasync def view(y):\n    type X = time.sleep(1)\n"
    (tmp_path / "program.py").write_text(source, encoding="utf-8")
    assert () == engine.check([tmp_path], root=tmp_path, settings=CheckSettings(cache=None)).findings
