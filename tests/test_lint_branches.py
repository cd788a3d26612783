"""Control flow: what names are bound to where branches meet, and whether that point is reached."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest
from _values import Program

MET = {
    # Both ways through an ``if`` are taken.
    """
    if unknown():
        x = A()
    """: "A | None",
    """
    if unknown():
        x = A()
    else:
        x = B()
    """: "A | B",
    # A branch that leaves does not reach what follows.
    """
    if unknown():
        x = A()
        return
    """: "None",
    """
    if x is None:
        raise ValueError
    """: "not reached",
    """
    if unknown():
        return
    else:
        raise ValueError
    """: "not reached",
    # What is known when the test runs decides.
    """
    if x:
        x = A()
    """: "None",
    """
    if False:
        x = A()
    """: "None",
    # A loop may take no turn, several, or end by a break.
    """
    for _ in unknown():
        x = A()
    """: "None | A",
    """
    for _ in unknown():
        x = A()
        break
    else:
        x = B()
    """: "B | A",
    """
    for _ in unknown():
        x = A()
        break
    else:
        return
    """: "A",
    """
    while unknown():
        x = A()
        break
    else:
        raise ValueError
    """: "A",
    """
    for _ in unknown():
        x = A()
        continue
    """: "None | A",
    """
    while x is None:
        x = A()
        if unknown():
            x = None
            break
    """: "A | None",
    """
    while unknown():
        x = A()
        if unknown():
            x = B()
            break
    """: "None | A | B",
    """
    while True:
        x = A()
        break
    """: "A",
    """
    while True:
        x = A()
    """: "not reached",
    # A handler begins anywhere in the body.
    """
    try:
        x = A()
    except ValueError:
        pass
    """: "A | None",
    """
    try:
        x = A()
    except ValueError:
        return
    """: "A",
    """
    try:
        x = A()
    except ValueError:
        x = B()
    else:
        x = 1
    """: "1 | B",
    """
    try:
        return
    finally:
        x = A()
    """: "not reached",
    # A case may match, or none of them does.
    """
    match unknown():
        case 1:
            x = A()
        case 2:
            x = B()
    """: "A | B | None",
    """
    match unknown():
        case 1:
            x = A()
        case _:
            x = B()
    """: "A | B",
}
"""The statements of a function, before which ``x`` is ``None`` -> what it is after them."""


@pytest.mark.parametrize("body", MET)
def test_met(body: str) -> None:
    """After branches, a name is bound to what it has in any of those that reach that point."""
    program = Program("class A: ...\nclass B: ...\n")
    program.bind(x="None")
    is_reached = program.interpreter.execute(ast.parse(dedent(body)).body, program.frame)
    assert MET[body] == (program.names["x"] if is_reached else "not reached")
