"""Writing suppression comments above the lines of findings: ``--add-suppressions``."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe._reporting.writing import shown_path
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.source.files import decoded
from ginger_async_safe.lint.source.notebooks import is_notebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ginger_async_safe.lint.domain.findings import Finding

__all__ = ["DEFAULT_REASON", "Added", "add_suppressions"]

DEFAULT_REASON = "nobody has looked at it yet"

_OUTSIDE = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})
_NEWLINE = re.compile(r"\r\n|\r|\n")


class Added(NamedTuple):
    """What was written.

    Attributes:
        comments: How many comments.
        files: Into how many files.
        in_notebooks: How many findings of notebooks are left, into which nothing is written.
    """

    comments: int
    files: int
    in_notebooks: int


def add_suppressions(findings: Iterable[Finding], reason: str) -> Added:
    """Write a comment above each statement in an async function that has findings, with their rules.

    Args:
        findings: The findings.
        reason: The reason in the comments.

    Raises:
        ConfigurationError: Where the reason cannot be one, or a file cannot be written.
    """
    if not re.search(r"\w", reason) or _NEWLINE.search(reason):
        msg = f"--reason: {reason!r} is no reason; write a few words, in one line"
        raise ConfigurationError(msg)
    by_file: dict[Path, dict[int, set[str]]] = {}
    in_notebooks = 0
    for finding in findings:
        first = finding.chain[0]
        if is_notebook(first.path):
            in_notebooks += 1
        else:
            by_file.setdefault(first.path, {}).setdefault(first.line, set()).add(finding.id)
    comments = sum(_write(path, rules, reason) for path, rules in by_file.items())
    return Added(comments, len(by_file), in_notebooks)


def _write(path: Path, rules: Mapping[int, set[str]], reason: str) -> int:
    """Write the comments of one file, and return how many they are."""
    try:
        data = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = decoded(data)
        changed, count = _with_comments(text, rules, reason)
        _require_same_program(text, changed)
        path.write_bytes(changed.encode(encoding))
    except (OSError, SyntaxError, ValueError) as error:
        msg = f"suppressions cannot be written into {shown_path(path)} ({error}); write them by hand"
        raise ConfigurationError(msg) from None
    return count


def _with_comments(text: str, rules: Mapping[int, set[str]], reason: str) -> tuple[str, int]:
    by_statement: dict[int, set[str]] = {}
    starts = list(_statements(text))
    for line, names in rules.items():
        by_statement.setdefault(max(start for start in starts if start <= line), set()).update(names)
    newline = found[0] if (found := _NEWLINE.search(text)) else "\n"
    lines = io.StringIO(text, newline="").readlines()
    for start in sorted(by_statement, reverse=True):
        below = lines[start - 1]
        indent = below[: len(below) - len(below.lstrip(" \t\f"))]
        comment = f"{indent}# async-safe: allow[{', '.join(sorted(by_statement[start]))}] - {reason}{newline}"
        lines.insert(start - 1, comment)
    return "".join(lines), len(by_statement)


def _statements(text: str) -> Iterator[int]:
    """Yield the first line of each statement; of a compound statement, of its header."""
    begins = True
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if token.type == tokenize.NEWLINE:
            begins = True
        elif begins and token.type not in _OUTSIDE:
            begins = False
            yield token.start[0]


def _require_same_program(before: str, after: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the source, which is not ours
        if ast.dump(ast.parse(before)) != ast.dump(ast.parse(after)):
            msg = "the comments would change the program"
            raise ValueError(msg)
