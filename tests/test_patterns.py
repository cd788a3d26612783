"""Patterns for the names of guarded calls, as used by a grant."""

from __future__ import annotations

import re
from typing import Any

import pytest
from _effects import guarded, is_stopped
from _guarding import called_in_task

from ginger_async_safe import ConfigurationError, allow_async_unsafe, configure


def is_allowed(calls: Any, name: str) -> bool:
    """Return whether a grant for these calls allows the call of that name."""

    def call() -> bool:
        with allow_async_unsafe(calls=calls):
            return not is_stopped(guarded(name))

    return called_in_task(call)


@pytest.mark.parametrize(
    ("calls", "name", "expected"),
    [
        ("shop.db.connect", "shop.db.connect", True),
        ("shop.db.connect", "shop.db.connected", False),
        ("shop.db.connect", "my.shop.db.connect", False),
        ("shop.db", "shop.db.connect", False),
        ("shop.db.connect", "Shop.db.connect", False),
        ("*", "shop.db.connect", True),
        ("shop.*", "shop.db.connect", True),
        ("shop.*", "shop.db.Connection.cursor", True),
        ("shop.*", "shop", False),
        ("shop.*", "shopping.connect", False),
        ("shop*", "shopping.connect", True),
        ("shop.*.connect", "shop.db.connect", True),
        ("shop.*.connect", "shop.db.sqlite.connect", True),
        ("shop.*.connect", "shop.connect", False),
        ("*.connect", "shop.db.connect", True),
        ("*.Connection.*", "shop.db.Connection.cursor", True),
        ("shop.db?.connect", "shop.db1.connect", True),
        ("shop.db?.connect", "shop.db.connect", False),
        ("shop.db.?onnect", "shop.db.connect", True),
        ("shop.*.<locals>.connect", "shop.make.<locals>.connect", True),
        ("shop.make.<locals>.<lambda>", "shop.make.<locals>.<lambda>", True),
        ("shop.make.<locals>.connect", "shop.make.connect", False),
        ("laden.öffnen", "laden.öffnen", True),
        ("shop._db.__enter__", "shop._db.__enter__", True),
        ("shop.a.*, shop.b.*", "shop.a.connect", True),
        ("shop.a.*, shop.b.*", "shop.b.connect", True),
        ("shop.a.*,shop.b.*", "shop.b.connect", True),
        ("shop.a.*, shop.b.*", "shop.c.connect", False),
        ("  shop.db.*\n", "shop.db.connect", True),
        (["shop.a.*", "shop.b.*"], "shop.b.connect", True),
        (("shop.a.*", "shop.b.*"), "shop.c.connect", False),
        ({"shop.a.*"}, "shop.a.connect", True),
        ((each for each in ["shop.a.*"]), "shop.a.connect", True),
        ([], "shop.a.connect", False),
    ],
)
def test_match(calls: Any, name: str, expected: bool) -> None:
    """A pattern matches a complete name, ``*`` matches any part of it, and commas separate patterns."""
    assert expected == is_allowed(calls, name)


@pytest.mark.parametrize(
    ("calls", "named"),
    [
        ("", ""),
        ("   ", "   "),
        (".", "."),
        ("..", ".."),
        ("a..b", "a..b"),
        (".a", ".a"),
        ("a.", "a."),
        ("a b", "a b"),
        ("1a", "1a"),
        ("a.1b", "a.1b"),
        ("a-b", "a-b"),
        ("a/b", "a/b"),
        ("a[b]", "a[b]"),
        ("a.<genexpr", "a.<genexpr"),
        ("<locals", "<locals"),
        ("a.b()", "a.b()"),
        ("a.\nb", "a.\nb"),
        ("a.*,", ""),
        ("a.*,,b.*", ""),
        (",", ""),
        ("a.*, b c", " b c"),
        (["a.*", "b c"], "b c"),
        (["a.*, b.*"], "a.*, b.*"),
        ([None], None),
        ([5], 5),
        (None, None),
        (5, 5),
        (object, object),
    ],
)
def test_malformed(calls: Any, named: object) -> None:
    """What is no dotted name with wildcards is refused at once, with its text and an example."""
    with pytest.raises(ConfigurationError) as caught:
        allow_async_unsafe(calls=calls)
    assert (
        f"{named!r} is not a pattern for guarded calls; "
        'write a dotted name, with * for any part of it, such as "gingerdj.db.*"'
    ) == str(caught.value)


def test_malformed_pattern_in_settings() -> None:
    """Settings accept the same patterns, and the error says where an invalid one is."""
    with pytest.raises(ConfigurationError, match=re.escape("configure(): 'a..b' is not a pattern for guarded calls;")):
        configure(allow=["shop.db.*", "a..b"])


def test_many_patterns_at_once() -> None:
    """A long list is matched at once, whatever the number of patterns."""
    calls = [f"shop.room{number}.*" for number in range(1_000)]
    assert (True, False) == (is_allowed(calls, "shop.room999.connect"), is_allowed(calls, "shop.room1000.connect"))
