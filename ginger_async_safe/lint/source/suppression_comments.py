"""Suppression comments: ``# noqa: RULE``, and this library's own, ``# async-safe: allow[RULE] - reason``."""

from __future__ import annotations

import io
import re
import tokenize
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["FORM", "Comment", "comments_of"]

FORM = "# async-safe: allow[RULE] - why it is fine"
_DIRECTIVE = re.compile(
    r"#[ \t]*(?P<kind>noqa|async-safe)(?![\w-])[ \t]*(?P<colon>:)?(?P<rest>(?:(?!\s#\s).)*)", re.IGNORECASE
)
_ALLOW = re.compile(r"\s*allow\s*\[(?P<names>[^\]]*)\](?P<reason>.*)")
_DASH = re.compile(r"\s*(?:-+|[\u2013\u2014:])\s*(?P<reason>.*\S)\s*")
_CODE = re.compile(r"[A-Z]+\d+")
_OURS = re.compile(r"GAS\d+|[\w*?<>]+(?:[.:][\w*?<>]+)+")
_OPENS = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})


class Comment(NamedTuple):
    """A comment that suppresses the findings whose call chain passes through its statement.

    Attributes:
        line: The line of the comment, from 1.
        first: The first line of the statement that it belongs to; of a compound statement, its header only.
        last: The last line of that statement.
        is_own: Whether it is this library's own form, not a ``# noqa``.
        rules: The rules that it names: of a ``# noqa``, those that may be ours; none where a ``# noqa`` is for all rules.
        reason: Why the calls are allowed; a ``# noqa`` gives none.
        trouble: Why it is invalid, and suppresses nothing; empty where it is valid.
        cell: The number of the cell of a notebook that it is in, whose lines count from 1; 0 in other files.
    """

    line: int
    first: int
    last: int
    is_own: bool
    rules: tuple[str, ...] = ()
    reason: str = ""
    trouble: str = ""
    cell: int = 0


def comments_of(source: str) -> tuple[Comment, ...]:
    """Return the comments of a source that this check reads.

    A ``# noqa`` that only names other tools' rules is not returned. A comment of this library's own that is alone on its line
    belongs to the statement below it. Where a source is not valid Python, the comments above the first error are returned.
    """
    # Most files have none: the search reads two hundred times as many lines a second as the tokenizer.
    return tuple(_read(source)) if any(map(_is_read, _DIRECTIVE.finditer(source))) else ()


def _is_read(found: re.Match[str]) -> bool:
    """Return whether what may be a comment would be one that this check reads."""
    is_noqa_of_rules = found["kind"].lower() == "noqa" and found["colon"] is not None
    return not is_noqa_of_rules or any(_rules_of_noqa(found["rest"]))


def _read(source: str) -> Iterator[Comment]:
    pending: list[tuple[int, str]] = []  # comments of the statement that is being read
    above: list[tuple[int, str]] = []  # comments that stand alone, before one
    first = last = 0
    for token in _tokens(source):
        if token.type == tokenize.COMMENT:
            (pending if first else above).append((token.start[0], token.string))
        elif token.type == tokenize.NEWLINE or (token.type == tokenize.ENDMARKER and (above or pending)):
            for line, text in above:
                yield from _directives(text, line, (first, last))
            for line, text in pending:
                yield from _directives(text, line, (first, last), is_beside=True)
            pending, above, first = [], [], 0
        elif token.type not in _OPENS:
            first = first or token.start[0]
            last = token.end[0]


def _tokens(source: str) -> Iterable[tokenize.TokenInfo]:
    """Yield tokens up to the first error; a statement that it interrupts ends there."""
    line = 1
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            line = token.end[0]
            yield token
    except (tokenize.TokenError, SyntaxError):
        yield tokenize.TokenInfo(tokenize.NEWLINE, "", (line, 0), (line, 0), "")


def _directives(text: str, line: int, statement: tuple[int, int], *, is_beside: bool = False) -> Iterator[Comment]:
    for found in _DIRECTIVE.finditer(text):
        if found["kind"].lower() == "async-safe":
            first, last = statement if statement[0] else (line, line)
            yield _own(line, first, last, found["rest"] if found["colon"] else "")
            continue
        first, last = statement if is_beside else (line, line)
        if found["colon"] is None:
            yield Comment(line, first, last, is_own=False)
        elif rules := tuple(_rules_of_noqa(found["rest"])):
            yield Comment(line, first, last, is_own=False, rules=rules)


def _own(line: int, first: int, last: int, text: str) -> Comment:
    found = _ALLOW.fullmatch(text)
    if found is None:
        return Comment(line, first, last, is_own=True, trouble=f"its form is wrong; write {FORM}")
    rules = tuple(filter(None, map(str.strip, found["names"].split(","))))
    reason = _DASH.fullmatch(found["reason"])
    if not rules:
        return Comment(line, first, last, is_own=True, trouble=f"it names no rule; write {FORM}")
    if reason is None:
        trouble = "a dash is missing before its reason" if re.search(r"\w", found["reason"]) else "it gives no reason"
        return Comment(line, first, last, is_own=True, rules=rules, trouble=f"{trouble}; write {FORM}")
    return Comment(line, first, last, is_own=True, rules=rules, reason=reason["reason"])


def _rules_of_noqa(text: str) -> Iterator[str]:
    """Yield what may be ours of a list as ruff and flake8 read it: up to the first word that is no code and no id."""
    for part in text.split(","):
        for index, word in enumerate(part.split()):
            if _OURS.fullmatch(word) and (index == 0 or _CODE.fullmatch(word)):
                yield word
            elif not _CODE.fullmatch(word):
                return
