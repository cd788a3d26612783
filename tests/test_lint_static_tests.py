"""Tests with a known outcome: which branch of a module can never run."""

from __future__ import annotations

import ast
import sys

import pytest

from ginger_async_safe.lint.source.static_tests import is_for_types, known_truth

OUTCOMES: dict[str, bool | None] = {
    # Constants.
    "True": True,
    "0": False,
    "None": False,
    "'text'": True,
    # For type checkers alone: never at run time.
    "TYPE_CHECKING": False,
    "typing.TYPE_CHECKING": False,
    "not TYPE_CHECKING": True,
    # The version of Python.
    "sys.version_info >= (3, 10)": True,
    "sys.version_info < (3, 10)": False,
    "sys.version_info >= (3,)": True,
    "sys.version_info >= (4, 0, 0)": False,
    "sys.version_info[0] == 3": True,
    "sys.version_info.major != 3": False,
    "sys.version_info >= 3": None,
    "sys.version_info > minimum": None,
    "(3, 10) <= sys.version_info": None,
    "(3, 10) <= sys.version_info < (4,)": None,
    # The platform.
    f"sys.platform == {sys.platform!r}": True,
    "sys.platform == 'other'": False,
    f"sys.platform.startswith({sys.platform[:3]!r})": True,
    "sys.platform.startswith('other')": False,
    "sys.platform.startswith(prefix)": None,
    "os.name == 'other'": False,
    "sys.platform in ('linux', 'darwin')": None,
    # Several at once: one may decide, whatever the others are.
    "False and anything": False,
    "anything and False": False,
    "True or anything": True,
    "True and anything": None,
    "False or anything": None,
    "True and not False": True,
    "TYPE_CHECKING or False": False,
    # All else is known at run time only.
    "anything": None,
    "not anything": None,
    "-1": None,
    "function()": None,
    "self.flag == 1": None,
}
"""A test -> its outcome; ``None`` where it is known at run time only, so that both branches may run."""


@pytest.mark.parametrize("test", OUTCOMES)
def test_known_truth(test: str) -> None:
    """A test of what never changes has a known outcome."""
    assert OUTCOMES[test] is known_truth(ast.parse(test, mode="eval").body)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("TYPE_CHECKING", True),
        ("typing.TYPE_CHECKING", True),
        ("t.TYPE_CHECKING", True),
        ("not TYPE_CHECKING", False),
        ("False", False),
    ],
)
def test_is_for_types(test: str, *, expected: bool) -> None:
    """A branch for type checkers alone is distinguished from others that never run."""
    assert expected is is_for_types(ast.parse(test, mode="eval").body)
