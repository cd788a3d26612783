"""Reading the files of a project: their source, facts and comments, and what could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.check.cache import Known
from ginger_async_safe.lint.domain.findings import Unread
from ginger_async_safe.lint.source.entry_points import facts_of
from ginger_async_safe.lint.source.files import STUB, STUB_SUFFIX, LeftOut, Source, decoded, digest, files_below
from ginger_async_safe.lint.source.notebooks import OtherLanguage, is_notebook, read_notebook
from ginger_async_safe.lint.source.project import MAX_PARSED_BYTES, parsed
from ginger_async_safe.lint.source.suppression_comments import comments_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ginger_async_safe.lint.check.cache import Cache
    from ginger_async_safe.lint.check.settings import CheckSettings

__all__ = ["ProjectFiles", "Reading", "read_files"]


class Reading(NamedTuple):
    """What to read.

    Attributes:
        paths: The files and folders to check.
        context: The files and folders that they may depend on, and to which they may belong.
        contents: The contents of files that are not to be read from the disk.
        changed: The files that call chains have to pass through; ``None`` where they need not.
    """

    paths: Sequence[Path]
    context: Sequence[Path] = ()
    contents: Mapping[Path, bytes] = {}
    changed: frozenset[Path] | None = None


class ProjectFiles(NamedTuple):
    """The files of a project, before any function is evaluated.

    Attributes:
        sources: The sources, in the order in which they are evaluated.
        known: What is known about each.
        trees: The trees of those that were parsed, up to a limit.
        unread: What could not be read of the files to check.
        left_out: What was left out.
        named: The files to check.
        is_context: Whether these are all part of the context.
    """

    sources: list[Source]
    known: dict[Path, Known]
    trees: dict[Path, ast.Module]
    unread: list[Unread]
    left_out: list[LeftOut]
    named: frozenset[Path]
    is_context: bool


def read_files(reading: Reading, root: Path, settings: CheckSettings, cache: Cache) -> ProjectFiles:
    """Read the files, or take what is known about them from the cache."""
    checked = files_below(reading.paths, root=root, exclude=settings.exclude)
    context = files_below(reading.context, root=root, exclude=settings.exclude)
    checked.left_out.extend(LeftOut(path, STUB) for path in reading.contents if path.suffix == STUB_SUFFIX)
    named = dict.fromkeys([*checked.sources, *(path for path in reading.contents if path.suffix != STUB_SUFFIX)])
    files = ProjectFiles([], {}, {}, [], [*checked.left_out], frozenset(named), set(named) <= set(context.sources))
    files.unread.extend(Unread(each.path, 0, each.why) for each in checked.failed)
    kept = 0
    # The order decides which of several modules of one name is meant: it must not depend on what is named.
    for path in dict.fromkeys([*context.sources, *named]):
        before = len(files.unread)
        try:
            tree = _read(path, reading.contents.get(path), files, cache)
        except OtherLanguage as language:
            files.left_out.extend([LeftOut(path, f"a notebook in {language}")] if path in named else ())
            continue
        except (OSError, SyntaxError, ValueError) as error:
            files.unread.append(_unread(path, error))
            tree = None
        if tree is not None and kept < MAX_PARSED_BYTES:
            files.trees[path] = tree
            kept += len(files.sources[-1].data)
        if path not in named:
            files.left_out.extend(LeftOut(each.path, each.why, is_context=True) for each in files.unread[before:])
            del files.unread[before:]
    return files


def _read(path: Path, given: bytes | None, files: ProjectFiles, cache: Cache) -> ast.Module | None:
    """Read a file, and return its tree; ``None`` where the cache knows what is needed of it."""
    data = path.read_bytes() if given is None else given
    of_contents = digest(data)
    if is_notebook(path):
        return _read_notebook(path, data, files)
    known, tree = cache.known(path, of_contents), None
    if known is None:
        tree = parsed(data)
        known = Known(of_contents, facts_of(tree, data), comments_of(decoded(data)))
    files.sources.append(Source(path, data, of_contents))
    files.known[path] = known
    cache.keep(path, known)
    return tree


def _read_notebook(path: Path, data: bytes, files: ProjectFiles) -> ast.Module:
    """Read a notebook; not from the cache, since a notebook is read as quickly as its cells are found in it."""
    notebook = read_notebook(data)
    source = notebook.source.encode()
    tree = parsed(source)
    comments = [comment._replace(cell=cell.number) for cell, text in notebook.texts() for comment in comments_of(text)]
    files.unread.extend(Unread(path, each.line, each.why, each.number) for each in notebook.broken)
    files.sources.append(Source(path, source, digest(data)))
    files.known[path] = Known(digest(data), facts_of(tree, source), tuple(comments), notebook.cells)
    return tree


def _unread(path: Path, error: Exception) -> Unread:
    if isinstance(error, SyntaxError):
        return Unread(path, error.lineno or 0, error.msg)
    if isinstance(error, OSError):
        return Unread(path, 0, error.strerror or str(error))
    return Unread(path, 0, str(error))
