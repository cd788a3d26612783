"""Values: how several join into one."""

from __future__ import annotations

import pytest
from _values import Program, in_words

from ginger_async_safe.lint.domain.bases import UNKNOWN, join, join_known, shallow
from ginger_async_safe.lint.domain.values import TupleValue

EIGHT = [str(number) for number in range(8)]


@pytest.mark.parametrize(
    ("values", "joined", "known"),
    [
        # these values: what they join to, and what the known ones of them join to
        (["A"], "A", "A"),
        (["A", "A"], "A", "A"),
        (["A", "B"], "A | B", "A | B"),
        (["B", "A"], "B | A", "B | A"),
        (["A | B", "B | None"], "A | B | None", "A | B | None"),
        (["A", "?"], "A | ?", "A"),
        (["?", "?"], "?", "?"),
        (["A | ?", "B"], "A | ? | B", "A | ? | B"),
        # Beside a constant that decides a test, what is not known stays: else the test would be decided.
        (["None", "?"], "None | ?", "None | ?"),
        (["1 | None", "?"], "1 | None | ?", "1 | None | ?"),
        (["None", "A", "?"], "None | A | ?", "None | A"),
        ([], "?", "?"),
        (["1", "True"], "1 | True", "1 | True"),
        # More than eight are unknown.
        (EIGHT, " | ".join(EIGHT), " | ".join(EIGHT)),
        ([*EIGHT, "8"], "?", "?"),
        ([*EIGHT, "?"], "?", "?"),
    ],
)
def test_joined(values: list[str], joined: str, known: str) -> None:
    """Values join into a union, in the order in which they were found, each once."""
    program = Program()
    given = [program.value(text) for text in values]
    assert joined == in_words(join(*given))
    assert known == in_words(join_known(given))


def test_order() -> None:
    """Unions of the same values are equal, in whatever order these were found."""
    value = Program().value
    assert value("A | B") == value("B | A")
    assert value("A | B") != value("A | C")


def test_depth() -> None:
    """A value in which others are nested more than five deep is passed on as unknown."""
    nested = Program().value("None")
    for depth in range(1, 8):
        nested = TupleValue((nested,))
        assert depth == nested.depth
        assert (nested if depth <= 5 else UNKNOWN) == shallow(nested)
