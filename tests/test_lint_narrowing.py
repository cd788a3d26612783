"""Narrowing: what a test implies for the names in it."""

from __future__ import annotations

import ast

import pytest
from _values import Program

from ginger_async_safe.lint.interpreter.narrowing import narrow

CLASSES = """
class Animal: ...
class Dog(Animal): ...
class Car: ...
"""
NARROWED = [
    # x is ..., and tested by ...: what it is where the test holds, and where it does not.
    ("Dog | None", "x", "Dog", "Dog | None"),
    ("Dog | None", "not x", "Dog | None", "Dog"),
    ("None", "x", "?", "None"),
    # Comparison with None.
    ("Dog | None", "x is None", "None", "Dog"),
    ("Dog | None", "x is not None", "Dog", "None"),
    ("Dog", "x is None", "?", "Dog"),
    ("Dog | None | ?", "x is None", "None | ?", "Dog | ?"),
    ("?", "x is None", "?", "?"),
    # The class: a subclass counts, and what is not known may be an instance.
    ("Dog | Car", "isinstance(x, Dog)", "Dog", "Car"),
    ("Dog | Car", "isinstance(x, Animal)", "Dog", "Car"),
    ("Dog | Car | None", "isinstance(x, (Animal, Car))", "Dog | Car", "None"),
    ("Animal", "isinstance(x, Dog)", "?", "Animal"),
    ("?", "isinstance(x, Dog)", "Dog", "?"),
    ("?", "isinstance(x, (Dog, Car))", "Dog | Car", "?"),
    ("Dog", "isinstance(x, unknown)", "Dog", "Dog"),
    # Several tests: where "and" holds, all hold; where "or" does not, none holds. Else nothing is known.
    ("Dog | Car | None", "x and isinstance(x, Dog)", "Dog", "Dog | Car | None"),
    ("Dog | Car | None", "x is None or isinstance(x, Car)", "Dog | Car | None", "Dog"),
    ("Dog | Car | None", "not (x is None or isinstance(x, Car))", "Dog", "Dog | Car | None"),
    # Assignment in a test.
    ("Dog | None", "(x := get())", "Dog", "Dog | None"),
    ("Dog | None", "(x := get()) is None", "None", "Dog"),
    # Other tests imply nothing.
    ("Dog | None", "x == None", "Dog | None", "Dog | None"),
    ("Dog | None", "check(x)", "Dog | None", "Dog | None"),
    ("Dog | None", "y", "Dog | None", "Dog | None"),
    ("Dog | None", "x.owner is None", "Dog | None", "Dog | None"),
]


@pytest.mark.parametrize(("before", "test", "where_it_holds", "otherwise"), NARROWED)
def test_narrowed(before: str, test: str, where_it_holds: str, otherwise: str) -> None:
    """A name is bound to those of its values for which the test comes out so."""
    node = ast.parse(test, mode="eval").body
    for holds, expected in ((True, where_it_holds), (False, otherwise)):
        program = Program(CLASSES)
        program.bind(x=before)
        narrow(program.interpreter, node, program.frame, holds=holds)
        assert {"x": expected} == program.names
