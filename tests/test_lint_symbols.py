"""Symbols: which names the body of a module or class binds, and to what."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.lint.source.symbols import assigned_in_functions, definitions, symbols_of, targets_of

if TYPE_CHECKING:
    from ginger_async_safe.lint.source.symbols import Binding

BINDINGS = {
    # Imports: what is imported, not what it is called here.
    "import os": {"os": ["import os"]},
    "import os.path": {"os": ["import os"]},
    "import os.path as paths": {"paths": ["import os.path"]},
    "from os import path, sep as separator": {"path": ["import path"], "separator": ["import sep"]},
    # Assignments: the expression, and the indices of the name in what is unpacked; -1 is the starred rest.
    "a = f()": {"a": ["value f()"]},
    "a = b = f()": {"a": ["value f()"], "b": ["value f()"]},
    "a, (b, *c) = f()": {"a": ["value f() [0]"], "b": ["value f() [1, 0]"], "c": ["value f() [1, -1]"]},
    "a = 1\na = 2": {"a": ["value 1", "value 2"]},
    "a: int": {"a": ["annotation a: int"]},
    "a: int = 1": {"a": ["value 1"]},
    "a.b = 1\nc[0] = 2": {},
    # Functions and classes: what they bind inside is not bound here.
    "def f():\n    a = 1": {"f": ["definition f"]},
    "async def f(): ...": {"f": ["definition f"]},
    "class A:\n    a = 1": {"A": ["definition A"]},
    # Loops and with blocks: what is bound is an element of what is iterated, or what entering gives.
    "for a in f(): b = 1": {"a": ["element f()"], "b": ["value 1, uncertain"]},
    "with f() as (a, b): pass": {"a": ["entered f() [0]"], "b": ["entered f() [1]"]},
    # Branches: a binding in one is uncertain, unless it is known which of them runs.
    "if c: a = 1\nelse: a = 2": {"a": ["value 1, uncertain", "value 2, uncertain"]},
    "if True: a = 1\nelse: a = 2": {"a": ["value 1"]},
    "import sys\nif sys.version_info < (3, 8): a = 1\nelse: a = 2": {"sys": ["import sys"], "a": ["value 2"]},
    "if TYPE_CHECKING: from b import a\nelse: a = 1": {"a": ["import a, uncertain, for types", "value 1"]},
    "try: import a\nexcept ImportError: a = None": {"a": ["import a, uncertain", "value None, uncertain"]},
    "match c:\n    case 1: a = 1": {"a": ["value 1, uncertain"]},
}
"""Source code -> what each name is bound to."""


def in_words(binding: Binding) -> str:
    """Return a binding as it is written in the table above."""
    node = binding.node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        what = node.name
    else:
        what = binding.name or ast.unparse(node)
    path = f" {list(binding.path)}" if binding.path else ""
    flags = ("" if binding.is_certain else ", uncertain") + (", for types" if binding.is_for_types else "")
    return f"{binding.kind.value} {what}{path}{flags}"


@pytest.mark.parametrize("source", BINDINGS)
def test_bindings(source: str) -> None:
    """Each name has its bindings, in the order of the source."""
    bindings = symbols_of(ast.parse(source).body).bindings
    assert BINDINGS[source] == {name: list(map(in_words, each)) for name, each in bindings.items()}


@pytest.mark.parametrize(
    ("source", "stars", "effects", "assignments"),
    [
        ("from a import *", ["from a import *"], [], []),
        ("f()\nif c: g()", [], ["f()", "g()"], []),
        ("if False: f()", [], [], []),
        ("a.b = 1\nc[0] = d = 2\ne = 3", [], [], ["a.b = 1", "c[0] = d = 2"]),
    ],
)
def test_others(source: str, stars: list[str], effects: list[str], assignments: list[str]) -> None:
    """What binds no name, but may give one or change an object, is kept apart."""
    symbols = symbols_of(ast.parse(source).body)
    found = [list(map(ast.unparse, nodes)) for nodes in (symbols.stars, symbols.effects, symbols.assignments)]
    assert [stars, effects, assignments] == found


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("a", {"a": ()}),
        ("a, b", {"a": (0,), "b": (1,)}),
        ("[a, (b, c)]", {"a": (0,), "b": (1, 0), "c": (1, 1)}),
        ("a, *b", {"a": (0,), "b": (-1,)}),
        ("a.b, c[0], d", {"d": (2,)}),
    ],
)
def test_targets(target: str, expected: dict[str, tuple[int, ...]]) -> None:
    """A target binds names, each with its indices in what is unpacked."""
    assert expected == dict(targets_of(ast.parse(f"({target})", mode="eval").body))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n    def g(): ...", ["f"]),
        ("class A:\n    def f(self): ...\n    class B:\n        def g(self): ...", ["A", "A.f", "A.B", "A.B.g"]),
        ("if c:\n    def f(): ...\nelse:\n    def f(): ...", ["f", "f"]),
        ("try:\n    def f(): ...\nexcept E:\n    class A: ...", ["f", "A"]),
    ],
)
def test_definitions(source: str, expected: list[str]) -> None:
    """Functions and classes are found wherever a module or class defines them, but not in functions."""
    assert expected == [name for name, _ in definitions(ast.parse(source).body)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a = 1", []),
        ("global a; a = 1; b = 2", [("a", "value 1, uncertain")]),
        (
            "global a\n    if c:\n        a = 1\n    import a",
            [("a", "import a, uncertain"), ("a", "value 1, uncertain")],
        ),
    ],
)
def test_assigned_in_functions(body: str, expected: list[tuple[str, str]]) -> None:
    """What a function binds to a name that it declares global may be bound, once it has run."""
    tree = ast.parse(f"def f():\n    {body}")
    assert expected == sorted((name, in_words(binding)) for name, binding in assigned_in_functions(tree))
