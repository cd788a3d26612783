"""Values that annotations and defaults leave open: a test of them is not decided, and both branches count."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.check.settings import CheckSettings

if TYPE_CHECKING:
    from pathlib import Path

TYPES = [
    *("int", "float", "bool", "bytes", "complex", "object", "Any", "T", "type", "str"),
    *("Callable[[], None]", 'Literal["a", 1]', "type[T]", "Hashable", "list[int]"),
]
OPTIONAL = ["{} | None", "None | {}", "Optional[{}]", "Union[{}, None]", "Union[None, {}]", "Annotated[{} | None, 1]"]
QUOTED = ["'int | None'", "'Optional[Any]'", "Optional['float']", "Any", "object", "T"]
ANNOTATIONS = [form.format(each) for form, each in product(OPTIONAL, TYPES)] + QUOTED
GUARDS = {
    "is not None": "if {x} is not None:\n    os.mkdir('a')",
    "true": "if {x}:\n    os.mkdir('a')",
    "returns where None": "if {x} is None:\n    return\nos.mkdir('a')",
    "returns where false": "if not {x}:\n    return\nos.mkdir('a')",
    "raises": "if {x} is None:\n    raise ValueError\nos.mkdir('a')",
    "else": "if {x} is None:\n    pass\nelse:\n    os.mkdir('a')",
    "and": "{x} and os.mkdir('a')",
    "or": "{x} is None or os.mkdir('a')",
    "conditional": "os.mkdir('a') if {x} else None",
    "while": "while {x}:\n    os.mkdir('a')",
    "assignment": "if (y := {x}) is not None:\n    os.mkdir('a')",
    "assert": "assert {x} is not None\nos.mkdir('a')",
    "not equal": "if {x} != None:\n    os.mkdir('a')",
    "not not": "if not {x} is None:\n    os.mkdir('a')",
    "two": "if {x} is not None and {x}:\n    os.mkdir('a')",
    "bool": "if bool({x}):\n    os.mkdir('a')",
    "match": "match {x}:\n    case None:\n        pass\n    case _:\n        os.mkdir('a')",
    "comprehension": "[os.mkdir('a') for _ in (1,) if {x}]",
}
# Each annotation with two guards, and each guard with two annotations.
PAIRS = [(each, list(GUARDS)[number % len(GUARDS)]) for number, each in enumerate(ANNOTATIONS * 2, 5)]
PAIRS += product(["int | None", "Optional[Any]"], GUARDS)
POSITIONS = {
    "parameter": ("", "x: {of}", "x"),
    "parameter with a default": ("", "x: {of} = None", "x"),
    "keyword": ("", "*, x: {of} = None", "x"),
    "attribute": ("class C{n}:\n    def __init__(self, x: {of} = None):\n        self.x = x", "c: C{n}", "c.x"),
    "annotated attribute": ("class C{n}:\n    def __init__(self):\n        self.x: {of} = None", "c: C{n}", "c.x"),
    "returned": ("def get{n}() -> {of}:\n    return unknown()", "", "get{n}()"),
    "method": ("class C{n}:\n    def get(self) -> {of}:\n        return unknown()", "c: C{n}", "c.get()"),
    "abstract method": ("class C{n}:\n    def get(self) -> {of}: ...", "c: C{n}", "c.get()"),
    "not implemented": ("class C{n}:\n    def get(self): raise NotImplementedError({of!r})", "c: C{n}", "c.get()"),
    "property": ("class C{n}:\n    @property\n    def x(self) -> {of}:\n        return unknown()", "c: C{n}", "c.x"),
    "field": ("class C{n}:\n    x: {of} = None", "c: C{n}", "c.x"),
    "field without a default": ("class C{n}:\n    x: {of}", "c: C{n}", "c.x"),
    "dataclass": ("@dataclass\nclass C{n}:\n    x: {of} = None", "c: C{n}", "c.x"),
    "model": ("class C{n}(BaseModel):\n    x: {of} = None", "c: C{n}", "c.x"),
    "module": ("x{n}: {of} = None", "", "x{n}"),
    "cast": ("", "y", "cast({of!r}, y)"),
}
HEADER = """
import os
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Optional, TypeVar, Union, cast
from outside import unknown
from pydantic import BaseModel
T = TypeVar("T")
"""


def found(folder: Path, programs: dict[str, str]) -> set[str]:
    """Return those of several functions, by name, in which the check of one program finds something."""
    file = folder / "program.py"
    file.write_text(HEADER + "\n".join(programs.values()), encoding="utf-8")
    report = engine.check([file], root=folder, settings=CheckSettings(cache=None))
    assert not report.unread
    return {name for name in programs if any(each.chain[0].function == f"program.{name}" for each in report.findings)}


def function(name: str, parameters: str, body: str) -> str:
    """Return the source of an async function."""
    return f"async def {name}({parameters}):\n" + "".join(f"    {line}\n" for line in body.splitlines())


@pytest.mark.parametrize("position", POSITIONS)
def test_optional(tmp_path: Path, position: str) -> None:
    """Code behind a test of something that may be other than ``None`` counts, whatever that is, wherever it comes from."""
    before, parameters, expression = POSITIONS[position]
    programs = {}
    for number, (annotation, guard) in enumerate(PAIRS):
        filled = [each.format(of=annotation, n=number) for each in (before, parameters, expression)]
        name = f"f{number}"
        programs[name] = f"{filled[0]}\n{function(name, filled[1], GUARDS[guard].format(x=filled[2]))}"
    missed = programs.keys() - found(tmp_path, programs)
    assert not [programs[name] for name in sorted(missed)]


OPEN = {
    "default of a field": ("class C{n}(BaseModel):\n    x: bool = False", "c: C{n}", "if c.x:"),
    "default of a dataclass": ("@dataclass\nclass C{n}:\n    x: int = 0", "c: C{n}", "if c.x > 0 or c.x:"),
    "default of a class": ("class C{n}:\n    x = None", "c: C{n}", "if c.x is not None:"),
    "true by default": ("class C{n}:\n    x = True", "c: C{n}", "if not c.x:"),
    "text by default": ("class C{n}:\n    x = 'a'", "c: C{n}", "if c.x == 'b':"),
    "literal by default": ("class C{n}:\n    x: Literal['a', 'b'] = 'a'", "c: C{n}", "if c.x == 'b':"),
    "set by its constructor": ("class C{n}:\n    def __init__(self):\n        self.x = False", "c: C{n}", "if c.x:"),
    "given": ("@dataclass\nclass C{n}:\n    x: bool = False", "y", "c = C{n}(x=y)\nif c.x:"),
    "given a number": ("@dataclass\nclass C{n}:\n    x: int = 0", "", "c = C{n}(x=1)\nif c.x:"),
    "given by position": ("@dataclass\nclass C{n}:\n    x: int = 0", "y", "c = C{n}(y)\nif c.x:"),
    "of a module": ("x{n} = unknown.C()\n", "", "if x{n}.flag:"),
    "of a shared object": ("@dataclass\nclass C{n}:\n    x: bool = False\nc{n} = C{n}()", "", "if c{n}.x:"),
    "set by a function": ("x{n} = None\ndef s{n}(v):\n    global x{n}\n    x{n} = v", "", "if x{n}:"),
    "getattr": ("", "c", "if getattr(c, 'x', None):"),
    "getattr false": ("", "c", "if getattr(c.y, 'x', False):"),
    "getattr text": ("", "c", "if getattr(c, 'x', 'a') == 'b':"),
    "getattr returns": ("", "c", "x = getattr(c, 'x', None)\nif x is None:\n    return\nif True:"),
}
DECIDED = {
    "final": ("X{n}: Final = False", "", "if X{n}:"),
    "final of a type": ("X{n}: Final[bool] = False", "", "if X{n}:"),
    "final in quotes": ("X{n}: 'Final[int | None]' = None", "", "if X{n}:"),
    "constant": ("X{n} = False", "", "if X{n}:"),
    "annotated constant": ("X{n}: bool = False", "", "if X{n}:"),
    "final of a class": ("class C{n}:\n    x: Final = False", "c: C{n}", "if c.x:"),
    "constant of a class": ("class C{n}:\n    DEBUG = False", "c: C{n}", "if c.DEBUG:"),
    "local": ("", "", "x: int | None = None\nif x is not None:"),
    "made here": ("@dataclass\nclass C{n}:\n    x: bool = False", "", "c = C{n}()\nif c.x:"),
    "given here": ("@dataclass\nclass C{n}:\n    x: bool = True", "", "c = C{n}(x=False)\nif c.x:"),
    "class": ("class C{n}: ...", "c: C{n}", "if not c:"),
}


def outcomes(folder: Path, table: dict[str, tuple[str, str, str]]) -> dict[str, bool]:
    """Return whether a call is found behind the test of each row."""
    programs = {}
    for number, (before, parameters, test) in enumerate(table.values()):
        body = f"{test.format(n=number)}\n    os.mkdir('a')"
        programs[f"f{number}"] = (
            before.format(n=number) + "\n" + function(f"f{number}", parameters.format(n=number), body)
        )
    names = found(folder, {"header": "from typing import Final", **programs})
    return {row: f"f{number}" in names for number, row in enumerate(table)}


def test_open(tmp_path: Path) -> None:
    """A default does not decide a test, where other code may have set something else."""
    assert dict.fromkeys(OPEN, True) == outcomes(tmp_path, OPEN)


def test_decided(tmp_path: Path) -> None:
    """What is final, a constant, or was made on the way decides a test."""
    assert dict.fromkeys(DECIDED, False) == outcomes(tmp_path, DECIDED)
