"""Fills: the lines that put something into a container."""

from __future__ import annotations

import ast

import pytest

from ginger_async_safe.lint.source.fills import fills_in

HEAD = """\
import registry
from shop import stock as held
if True:
    known = []
class Pool: pass
"""


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("known.append(1)", ["known"]),
        ("known[key] = 1", ["known"]),
        ("known[key[0]] = 1", ["known"]),
        ("known[key] = found = 1", ["known"]),
        ("known[key].append(1)", ["known"]),
        ("known.setdefault(key, []).append(1)", ["known"]),
        ("known.update({})", ["known"]),
        ("known.put_nowait(1)", ["known"]),
        ("self.known.append(1)", ["self.known"]),
        ("self.shop.known.append(1)", []),
        ("cls.known[key] = 1", ["cls.known"]),
        ("Pool.known[key] = 1", ["Pool.known"]),
        ("registry.known[key] = 1", ["registry.known, foreign"]),
        ("held[key] = 1", ["held, foreign"]),
        ("local.append(1)", []),
        ("local[key] = 1", []),
        ("other.known.append(1)", []),
        ("known[key] == 1", []),
        ("known = [1]", []),
        ("known.remove(1)", []),
        ("self.known[a], self.other[b] = 1, 2", ["self.known"]),
    ],
)
def test_found(statement: str, expected: list[str]) -> None:
    """A fill is a line that adds to a container which is not a local variable."""
    source = f"{HEAD}def fill(self, cls, other, key, a, b, local):\n    pass\n    {statement}\n"
    fills = fills_in(ast.parse(source), source.encode())
    names = [f"{fill.owner}.{fill.name}".lstrip(".") + ", foreign" * fill.is_foreign for fill in fills]
    assert expected == names
    assert {8} >= {fill.line for fill in fills}
