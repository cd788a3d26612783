"""Notebooks: their cells as one Python source, and the cell that a line of it is in."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe.lint.source.project import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["BrokenCell", "Cell", "Notebook", "OtherLanguage", "cell_of", "is_notebook", "read_notebook"]

_FORMAT = 4  # https://nbformat.readthedocs.io/en/latest/format_description.html
_PYTHON_MAGICS = frozenset({"capture", "prun", "time", "timeit"})
"""Magics whose cell is Python; the cell of any other one is not read."""

_MAGIC = re.compile(
    r"(?P<indent>[ \t]*)(?:(?P<target>[\w.,\[\]\"' \t]+?=[ \t]*)?(?P<magic>%{1,2}[A-Za-z_]\w*|!{1,2})(?P<rest>.*)|\?{1,2}[^\s?].*)",
    re.DOTALL,
)
_HELP = re.compile(r"[ \t]*%{0,2}[\w.*\[\]]+\?{1,2}[ \t]*")
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<string>\"\"\"(?:\\.|.)*?\"\"\"|'''(?:\\.|.)*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<continued>\\\n)|(?P<newline>\n)|(?P<opening>[(\[{])|(?P<closing>[)\]}])|.""",
    re.DOTALL,
)


_COOKIE = re.compile(r"^([ \t\f]*#.*?coding)[:=]", re.MULTILINE)


class Cell(NamedTuple):
    """Where a cell begins in the source of its notebook.

    Attributes:
        number: Its number among all cells of the notebook, from 1.
        line: Its first line in the source, from 1.
    """

    number: int
    line: int


class BrokenCell(NamedTuple):
    """A cell that is not valid Python.

    Attributes:
        number: Its number among all cells of the notebook, from 1.
        line: The line in the cell, from 1; 0 where it is unknown.
        why: The reason, in a few words.
    """

    number: int
    line: int
    why: str


class Notebook(NamedTuple):
    """A notebook.

    Attributes:
        source: Its code cells, one below another, without magics; broken cells are empty.
        cells: Where each of them begins.
        broken: The cells that are not valid Python.
    """

    source: str
    cells: tuple[Cell, ...]
    broken: tuple[BrokenCell, ...]

    def texts(self) -> Iterator[tuple[Cell, str]]:
        """Yield each cell with its part of the source."""
        lines = self.source.split("\n")
        ends = [*(cell.line - 1 for cell in self.cells), len(lines)][1:]
        for cell, end in zip(self.cells, ends, strict=False):
            yield cell, "".join(f"{line}\n" for line in lines[cell.line - 1 : end])


class OtherLanguage(Exception):  # noqa: N818 - it is no error
    """The cells of a notebook are in another language, whose name is the argument."""


def is_notebook(path: Path) -> bool:
    """Return whether a file is a notebook, by its name."""
    return path.suffix == ".ipynb"


def cell_of(cells: Sequence[Cell], line: int) -> tuple[int, int]:
    """Return the number of the cell that a line of a notebook's source is in, and the line in that cell."""
    index = max(bisect_right(cells, line, key=lambda cell: cell.line) - 1, 0)
    return cells[index].number, line - cells[index].line + 1


def read_notebook(data: bytes) -> Notebook:
    """Read a notebook.

    Raises:
        OtherLanguage: Where its cells are in another language.
        ValueError: Where it is not valid, or in an older format.
    """
    content = _content(data)
    language = _language(content)
    if language not in {"", "python", "ipython"}:
        raise OtherLanguage(language)
    lines: list[str] = []
    cells: list[Cell] = []
    broken: list[BrokenCell] = []
    for number, cell in enumerate(_cells(content), 1):
        if cell.get("cell_type") != "code":
            continue
        source = _source(cell, number)
        text = _python(source)
        why = _why_broken(text)
        if why is not None:
            broken.append(BrokenCell(number, *why))
            text = ""
        count = source.count("\n") + 1
        cells.append(Cell(number, len(lines) + 1))
        lines += [*text.split("\n"), *[""] * count][:count]
    return Notebook("\n".join(lines), tuple(cells), tuple(broken))


def _content(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        msg = f"no valid notebook: {error}"
        raise ValueError(msg) from None
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        msg = "no valid notebook: it does not say its nbformat"
        raise ValueError(msg)  # noqa: TRY004 - of a file, not of an argument
    if content["nbformat"] != _FORMAT:
        msg = f"its nbformat is {content['nbformat']}, and {_FORMAT} is read; save it with a newer Jupyter"
        raise ValueError(msg)
    return content


def _language(content: dict[str, Any]) -> str:
    metadata = content.get("metadata")
    for table, key in (("language_info", "name"), ("kernelspec", "language")):
        known = metadata.get(table) if isinstance(metadata, dict) else None
        if isinstance(known, dict) and isinstance(known.get(key), str):
            return str(known[key]).lower()
    return ""


def _cells(content: dict[str, Any]) -> list[dict[str, Any]]:
    cells = content.get("cells")
    if isinstance(cells, list) and all(isinstance(cell, dict) for cell in cells):
        return cells
    msg = "no valid notebook: it has no list of cells"
    raise ValueError(msg)


def _source(cell: dict[str, Any], number: int) -> str:
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        msg = f"no valid notebook: cell {number} has no source"
        raise ValueError(msg)  # noqa: TRY004 - of a file, not of an argument
    # A notebook is in UTF-8, whatever its first lines say of files.
    return _COOKIE.sub(r"\1: ", source.replace("\r\n", "\n").replace("\r", "\n"))


def _why_broken(text: str) -> tuple[int, str] | None:
    try:
        parsed(text.encode())
    except SyntaxError as error:
        return error.lineno or 0, error.msg
    except ValueError as error:
        return 0, str(error)
    return None


def _python(source: str) -> str:
    """Return a cell with as many lines, in which magics are replaced by Python that does nothing.

    https://ipython.readthedocs.io/en/stable/interactive/reference.html
    """
    first = source.lstrip("\n")
    if first.startswith("%%"):
        line, _, body = first.partition("\n")
        name = line[2:].split(maxsplit=1)[:1]
        above = "\n" * (len(source) - len(first) + 1)
        return above + _python(body) if name and name[0] in _PYTHON_MAGICS else ""
    if not any(sign in source for sign in "%!?") or _why_broken(source) is None:
        return source
    return "\n".join(_without_magic(line) for line in _logical_lines(source))


def _logical_lines(source: str) -> Iterator[str]:
    """Yield the lines of a cell; lines that a bracket, string or backslash joins are one."""
    start = depth = 0
    for token in _TOKEN.finditer(source):
        kind = token.lastgroup
        if kind == "opening":
            depth += 1
        elif kind == "closing":
            depth = max(depth - 1, 0)
        elif kind == "newline" and (not depth or _MAGIC.match(source[start : token.start()])):
            yield source[start : token.start()]
            start, depth = token.end(), 0
    yield source[start:]


def _without_magic(line: str) -> str:
    if _HELP.fullmatch(line):
        return "pass"
    found = _MAGIC.fullmatch(line)
    if found is None:
        return line
    indent, target, magic, rest = found["indent"], found["target"] or "", found["magic"] or "", found["rest"] or ""
    if magic.lstrip("%") == "time" and rest.strip():
        return f"{indent}{target}{rest.lstrip()}"
    return f"{indent}{target}{'get_ipython()' if target else 'pass'}" + "\n" * line.count("\n")
