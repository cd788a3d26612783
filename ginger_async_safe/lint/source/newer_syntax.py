"""Which newer Python a file needs that this one cannot parse.

Syntax that newer versions added is rewritten, version by version, in the older syntax. Where the file can be parsed after
that, it needs that version. A file that is broken on every Python stays broken.
"""

from __future__ import annotations

import ast
import keyword
import re
import sys
import warnings
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["needed_python"]

_TOKEN = re.compile(
    r"""(?P<space>(?:[ \t\f]|\\\r?\n)+)"""
    r"""|(?P<comment>\#[^\r\n]*)"""
    r"""|(?P<newline>\r?\n|\r)"""
    r"""|(?P<string>(?P<prefix>[bBfFrRtTuU]{0,2})(?P<quote>'''|\"\"\"|'|"))"""
    r"""|(?P<word>\w+)"""
    r"""|(?P<operator>\*\*|->|:=|[=!<>]=|.)""",
    re.DOTALL,
)
_NAMED = re.compile(r"\\N\{[\w -]+\}")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class _TokenKind(Enum):
    """What a piece of source is.

    Attributes:
        SPACE: White space in a line, with continued lines.
        COMMENT: A comment.
        NEWLINE: The end of a line.
        WORD: A name, keyword or number.
        OPERATOR: An operator, bracket or other sign.
        STRING: A string without replacement fields.
        START: The prefix and opening quote of a string with such fields.
        END: The closing quote of such a string.
        TEXT: What is between its fields, or in the format of one.
        OPEN: The brace that begins a field.
        CLOSE: The brace that ends a field.
        CONVERSION: The conversion of a field, such as ``!r``.
        COLON: The colon before the format of a field.
    """

    SPACE = "space"
    COMMENT = "comment"
    NEWLINE = "newline"
    WORD = "word"
    OPERATOR = "operator"
    STRING = "string"
    START = "start"
    END = "end"
    TEXT = "text"
    OPEN = "open"
    CLOSE = "close"
    CONVERSION = "conversion"
    COLON = "colon"


_AFTER_EXPRESSION = (_TokenKind.CLOSE, _TokenKind.CONVERSION, _TokenKind.COLON)  # of a field


class _Token(NamedTuple):
    """A piece of source.

    Attributes:
        kind: What it is.
        text: The source.
        depth: How many brackets and fields it is in; a bracket itself is outside.
    """

    kind: _TokenKind
    text: str
    depth: int

    @property
    def is_silent(self) -> bool:
        """Whether it only separates others."""
        return self.kind in (_TokenKind.SPACE, _TokenKind.COMMENT) or (
            self.kind is _TokenKind.NEWLINE and self.depth > 0
        )


def needed_python(source: str) -> tuple[int, int] | None:
    """Return the version of Python that can read what this one cannot; ``None`` where no known version can.

    Args:
        source: What this Python refuses.
    """
    try:
        tokens = list(_Lexer(source).tokens())
    except _BrokenError:
        return None
    for version, rewritings in _ADDED.items():
        if version <= sys.version_info[:2]:
            continue
        for rewrite in rewritings:
            tokens = rewrite(tokens)
        if _is_valid("".join(token.text for token in tokens)):
            return version
    return None


def _is_valid(source: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


class _BrokenError(Exception):
    """Source that does not even consist of tokens."""


class _Lexer:
    """Splits source, strings with replacement fields too, by the rules of the newest Python (PEP 701, PEP 750)."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def tokens(self, depth: int = 0, *, in_field: bool = False) -> Iterator[_Token]:
        """Yield the tokens up to the end; in a replacement field, up to the end of its expression."""
        outside = depth
        while self._at < len(self._source):
            match = _TOKEN.match(self._source, self._at)
            if match is None:
                raise _BrokenError
            if match["quote"] is not None:
                yield from self._string(match["prefix"].lower(), match["quote"], depth)
                continue
            kind, text = _TokenKind(match.lastgroup), match[0]
            if kind is _TokenKind.OPERATOR and in_field and depth == outside and text in {"}", ":", "!", ":="}:
                return
            self._at = match.end()
            if text in _CLOSING:
                depth -= 1
                if depth < outside:
                    raise _BrokenError
            yield _Token(kind, text, depth)
            if text in _OPENING:
                depth += 1
        if in_field or depth != outside:
            raise _BrokenError

    def _string(self, prefix: str, quote: str, depth: int) -> Iterator[_Token]:
        start = self._at
        self._at += len(prefix) + len(quote)
        if not {"f", "t"} & {*prefix}:
            list(self._text(quote, quote))
            self._at += len(quote)
            yield _Token(_TokenKind.STRING, self._source[start : self._at], depth)
            return
        yield _Token(_TokenKind.START, self._source[start : self._at], depth)
        yield from self._parts(quote, quote, depth)
        self._at += len(quote)
        yield _Token(_TokenKind.END, quote, depth)

    def _parts(self, quote: str, end: str, depth: int) -> Iterator[_Token]:
        """Yield text and fields, up to the quote or, in a format, up to the brace that ends the field."""
        start = self._at
        for _ in self._text(quote, end, stops_at="{"):
            yield _Token(_TokenKind.TEXT, self._source[start : self._at], depth)
            yield from self._field(quote, depth)
            start = self._at
        yield _Token(_TokenKind.TEXT, self._source[start : self._at], depth)

    def _field(self, quote: str, depth: int) -> Iterator[_Token]:
        self._at += 1
        yield _Token(_TokenKind.OPEN, "{", depth)
        yield from self.tokens(depth + 1, in_field=True)
        conversion = re.compile(r"!\s*\w+\s*").match(self._source, self._at)
        if conversion is not None:
            self._at = conversion.end()
            yield _Token(_TokenKind.CONVERSION, conversion[0], depth)
        if self._source.startswith(":", self._at):
            self._at += 1
            yield _Token(_TokenKind.COLON, ":", depth)
            yield from self._parts(quote, "}", depth)
        if not self._source.startswith("}", self._at):
            raise _BrokenError
        self._at += 1
        yield _Token(_TokenKind.CLOSE, "}", depth)

    def _text(self, quote: str, end: str, *, stops_at: str = "") -> Iterator[None]:
        """Go on to the end of a text, and stop at each field."""
        while not self._source.startswith(end, self._at):
            rest = self._source[self._at : self._at + 2]
            if not rest or (len(quote) == 1 and rest[0] in {"\n", quote}):
                raise _BrokenError
            named = _NAMED.match(self._source, self._at)
            if named is not None and stops_at:
                self._at = named.end()
            elif rest == "\\{" and stops_at:
                self._at += 1
            elif rest[0] == "\\":
                self._at += 2
            elif stops_at and rest[0] == stops_at and (rest != "{{" or end == "}"):
                yield
            else:
                self._at += 2 if stops_at and rest == "{{" else 1


# -- What each version has added, and how it is written back


def _loud(tokens: list[_Token], index: int, step: int) -> int | None:
    """Return the next index, or the one before, of a token that does not only separate others."""
    index += step
    while 0 <= index < len(tokens):
        if not tokens[index].is_silent:
            return index
        index += step
    return None


def _text_at(tokens: list[_Token], index: int | None) -> str:
    return "" if index is None else tokens[index].text


def _starts_statement(tokens: list[_Token], index: int) -> bool:
    before = _loud(tokens, index, -1)
    return before is None or (
        tokens[index].depth == 0 and (tokens[before].kind is _TokenKind.NEWLINE or tokens[before].text in {";", ":"})
    )


def _end_of(tokens: list[_Token], opening: int) -> int:
    """Return where a bracket closes."""
    depth = tokens[opening].depth
    return next(
        (
            index
            for index in range(opening + 1, len(tokens))
            if tokens[index].text in _CLOSING and tokens[index].depth == depth
        ),
        len(tokens) - 1,
    )


def _is_subscript(tokens: list[_Token], index: int) -> bool:
    """Return whether a token is the opening bracket of an index."""
    before = _loud(tokens, index, -1)
    if before is None or tokens[index].text != "[":
        return False
    is_name = tokens[before].kind is _TokenKind.WORD and not keyword.iskeyword(tokens[before].text)
    return is_name or tokens[before].kind in (_TokenKind.STRING, _TokenKind.END) or tokens[before].text in _CLOSING


def _without(tokens: list[_Token], dropped: set[int]) -> list[_Token]:
    """Leave tokens out, but not the ends of lines."""
    return [
        each if index not in dropped else each._replace(kind=_TokenKind.SPACE, text=" ")
        for index, each in enumerate(tokens)
        if index not in dropped or each.kind is not _TokenKind.NEWLINE
    ]


def _except_groups(tokens: list[_Token]) -> list[_Token]:
    """``except* A`` (PEP 654): 3.11."""
    stars = {
        after
        for index, token in enumerate(tokens)
        if token.text == "except" and _text_at(tokens, after := _loud(tokens, index, 1)) == "*" and after is not None
        if _text_at(tokens, _loud(tokens, after, 1)) != ":"
    }
    return _without(tokens, stars)


def _starred_types(tokens: list[_Token]) -> list[_Token]:
    """``a[*b]`` and ``*args: *Ts`` (PEP 646): 3.11."""
    stars: set[int] = set()
    for index, token in enumerate(tokens):
        before = _loud(tokens, index, -1)
        after = _loud(tokens, index, 1)
        if _is_subscript(tokens, index):
            inside = range(index + 1, _end_of(tokens, index))
            if not any(tokens[each].text == "for" and tokens[each].depth == token.depth + 1 for each in inside):
                stars |= {
                    each
                    for each in inside
                    if tokens[each].text == "*"
                    and tokens[each].depth == token.depth + 1
                    and _text_at(tokens, _loud(tokens, each, -1)) in {"[", ","}
                }
        if token.text == ":" and _text_at(tokens, after) == "*" and before is not None and after is not None:
            star = _loud(tokens, before, -1)
            if tokens[before].kind is _TokenKind.WORD and _text_at(tokens, star) == "*":
                stars.add(after)
    return _without(tokens, stars)


def _type_parameters(*, has_defaults: bool) -> Callable[[list[_Token]], list[_Token]]:
    """``def f[T]()``, ``class A[T]`` and ``type A[T] = ...`` (PEP 695): 3.12. Defaults (PEP 696): 3.13."""

    def rewrite(tokens: list[_Token]) -> list[_Token]:
        dropped: set[int] = set()
        for index, token in enumerate(tokens):
            name = _loud(tokens, index, 1)
            if token.text not in {"def", "class", "type"} or name is None or tokens[name].kind is not _TokenKind.WORD:
                continue
            opening = _loud(tokens, name, 1)
            is_alias = token.text == "type"
            if is_alias and (not _starts_statement(tokens, index) or keyword.iskeyword(tokens[name].text)):
                continue
            if _text_at(tokens, opening) == "[" and opening is not None:
                end = _end_of(tokens, opening)
                inside = [each for each in tokens[opening + 1 : end] if not each.is_silent]
                if not _are_type_parameters(inside, has_defaults=has_defaults):
                    continue
                dropped |= {*range(opening, end + 1)}
                opening = _loud(tokens, end, 1)
            if is_alias and _text_at(tokens, opening) == "=":
                dropped.add(index)
        return _indented(tokens, dropped)

    return rewrite


def _indented(tokens: list[_Token], dropped: set[int]) -> list[_Token]:
    """Leave tokens out, and nothing of their white space: a statement may begin with them."""
    return [
        each if index not in dropped else each._replace(text="")
        for index, each in enumerate(tokens)
        if not (index - 1 in dropped and each.kind is _TokenKind.SPACE and tokens[index - 1].text in {"type", "lazy"})
    ]


def _are_type_parameters(inside: list[_Token], *, has_defaults: bool) -> bool:
    if not inside:
        return False
    depth = min(each.depth for each in inside)
    starts = [0, *(index + 1 for index, each in enumerate(inside) if each.text == "," and each.depth == depth)]
    if any(each.text == "=" and each.depth == depth for each in inside) and not has_defaults:
        return False
    for start in (start for start in starts if start < len(inside)):
        name = start + (inside[start].text in {"*", "**"})
        if not "".join(each.text for each in inside[name : name + 1]).isidentifier():
            return False
        if any(each.text not in {",", ":", "="} for each in inside[name + 1 : name + 2]):
            return False
    return True


def _nested_texts(tokens: list[_Token]) -> list[_Token]:
    """f-strings with anything in their fields (PEP 701): 3.12. They become sums and tuples of what is in the fields."""
    return _with_fields_as_tuples(tokens, "f")


def _templates(tokens: list[_Token]) -> list[_Token]:
    """t-strings (PEP 750): 3.14. They become f-strings, or tuples where f-strings cannot nest."""
    if sys.version_info < (3, 12):
        return _with_fields_as_tuples(tokens, "t")
    found = list(tokens)
    for index in _of_templates(tokens):
        text = tokens[index].text
        text = f"{text})" if tokens[index].kind is _TokenKind.END else f"({text.lower().replace('t', 'f')}"
        found[index] = found[index]._replace(text=text)
    return found


def _with_fields_as_tuples(  # noqa: C901 - a branch for each kind of token
    tokens: list[_Token], kind: str
) -> list[_Token]:
    found: list[_Token] = []
    open_ones: list[bool] = []
    for index, token in enumerate(tokens):
        text = token.text
        if token.kind is _TokenKind.START:
            open_ones.append(kind in text.lower())
            text = '(""' if open_ones[-1] else text
        elif not open_ones:
            pass
        elif token.kind is _TokenKind.END:
            text = ")" if open_ones.pop() else text
        elif not open_ones[-1]:
            pass
        elif token.kind in (_TokenKind.TEXT, _TokenKind.CONVERSION, _TokenKind.COLON):
            text = ""
        elif token.kind is _TokenKind.OPEN:
            is_empty = _kind_at(tokens, _loud(tokens, index, 1)) in _AFTER_EXPRESSION
            text = ",(," if is_empty else ",("
        elif token.kind is _TokenKind.CLOSE:
            text = ")"
        elif token.text == "=" and _kind_at(tokens, _loud(tokens, index, 1)) in _AFTER_EXPRESSION:
            text = ""
        found.append(token._replace(text=text))
    if kind != "f":
        return found
    # Adjacent strings are concatenated, but not beside a tuple. A t-string can only be beside another t-string.
    templates = _of_templates(tokens)
    loud = [index for index, each in enumerate(found) if not each.is_silent]
    sums = {
        second
        for first, second in pairwise(loud)
        if found[first].kind in (_TokenKind.STRING, _TokenKind.END)
        and found[second].kind in (_TokenKind.STRING, _TokenKind.START)
        if first not in templates and second not in templates
    }
    return [each._replace(text=f"+{each.text}") if index in sums else each for index, each in enumerate(found)]


def _of_templates(tokens: list[_Token]) -> set[int]:
    """Return where t-strings start and end."""
    found: set[int] = set()
    kinds: list[bool] = []
    for index, token in enumerate(tokens):
        if token.kind is _TokenKind.START:
            kinds.append("t" in token.text.lower())
        if token.kind in (_TokenKind.START, _TokenKind.END) and (
            kinds[-1] if token.kind is _TokenKind.START else kinds.pop()
        ):
            found.add(index)
    return found


def _kind_at(tokens: list[_Token], index: int | None) -> _TokenKind | None:
    return None if index is None else tokens[index].kind


def _bare_exceptions(tokens: list[_Token]) -> list[_Token]:
    """``except A, B:`` (PEP 758): 3.14."""
    found = list(tokens)
    for index, token in enumerate(tokens):
        first = _loud(tokens, index, 1)
        if token.text != "except" or token.kind is not _TokenKind.WORD or first is None:
            continue
        end = next(
            (
                each
                for each in range(first, len(tokens))
                if tokens[each].text == ":" and tokens[each].depth == token.depth
            ),
            None,
        )
        if end is None:
            continue
        inside = [each for each in tokens[first:end] if each.depth == token.depth]
        is_list = any(each.text == "," for each in inside) and not any(each.text == "as" for each in inside)
        if is_list:
            found[first] = found[first]._replace(text=f"({found[first].text}")
            found[end] = found[end]._replace(text="):")
    return found


def _lazy_imports(tokens: list[_Token]) -> list[_Token]:
    """``lazy import a`` and ``lazy from a import b`` (PEP 810): 3.15."""
    return _indented(
        tokens,
        {
            index
            for index, token in enumerate(tokens)
            if token.text == "lazy"
            and _starts_statement(tokens, index)
            and _text_at(tokens, _loud(tokens, index, 1)) in {"import", "from"}
        },
    )


def _unpacking_comprehensions(tokens: list[_Token]) -> list[_Token]:
    """``[*a for a in b]`` and ``{**a for a in b}`` (PEP 798): 3.15."""
    stars: set[int] = set()
    for index, token in enumerate(tokens):
        star = _loud(tokens, index, 1)
        allowed = {"(": {"*"}, "[": {"*"}, "{": {"*", "**"}}.get(token.text, set())
        if star is None or _text_at(tokens, star) not in allowed:
            continue
        if _is_subscript(tokens, index):
            continue
        end = _end_of(tokens, index)
        if any(each.text == "for" and each.depth == token.depth + 1 for each in tokens[star:end]):
            stars.add(star)
    return _without(tokens, stars)


_ADDED: dict[tuple[int, int], tuple[Callable[[list[_Token]], list[_Token]], ...]] = {
    (3, 11): (_except_groups, _starred_types),
    (3, 12): (_type_parameters(has_defaults=False), _nested_texts),
    (3, 13): (_type_parameters(has_defaults=True),),
    (3, 14): (_bare_exceptions, _templates),
    (3, 15): (_lazy_imports, _unpacking_comprehensions),
}
"""What each version has added to the syntax, from the oldest on."""
