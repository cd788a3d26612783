"""The check itself: it reads files, and reports where async code reaches a blocking call."""

from __future__ import annotations

import gc
import hashlib
import sys
import threading
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ginger_async_safe.blocking.selection import choice_of_file, selected
from ginger_async_safe.lint.annotations import annotated
from ginger_async_safe.lint.attributes import attribute
from ginger_async_safe.lint.cache import Cache, Judged, Known, Registered
from ginger_async_safe.lint.calls import call, call_method
from ginger_async_safe.lint.classes import order_of
from ginger_async_safe.lint.comments import comments_of
from ginger_async_safe.lint.decorating import grants_of
from ginger_async_safe.lint.entries import facts_of
from ginger_async_safe.lint.expressions import evaluate
from ginger_async_safe.lint.findings import Report, Statistics, Unread
from ginger_async_safe.lint.judging import findings_of, tell
from ginger_async_safe.lint.knowledge import RuleTable
from ginger_async_safe.lint.machine import Machine
from ginger_async_safe.lint.marked import marked_in
from ginger_async_safe.lint.modules import MOST_PARSED, Project, parsed
from ginger_async_safe.lint.readers import Readers
from ginger_async_safe.lint.registries import refill, registered_by
from ginger_async_safe.lint.sources import Source, decoded, digest, files_below
from ginger_async_safe.lint.statements import execute

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.lint.findings import Finding
    from ginger_async_safe.lint.marked import MarkedFunction
    from ginger_async_safe.lint.modules import Module
    from ginger_async_safe.lint.registries import Held
    from ginger_async_safe.lint.settings import CheckSettings

__all__ = ["check", "marked_functions"]

T = TypeVar("T")

_READERS = Readers(evaluate, execute, annotated, call, call_method, attribute, order_of, grants_of)
_STACK = 512 * 1024 * 1024  # bytes of address space for deeply nested programs
_RECURSION = 60_000
_ALLOCATIONS = 1_000_000  # between two collections: trees are large, and have no cycles


def check(
    paths: Sequence[Path],
    *,
    root: Path,
    settings: CheckSettings,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Read files, and report where async code reaches a blocking call.

    Args:
        paths: Files and folders.
        root: The folder of the project.
        settings: What the project has configured.
        progress: Called with how many files are done, of how many.
    """
    return _with_deep_stack(lambda: _check(paths, root, settings, progress))


def marked_functions(paths: Sequence[Path], *, root: Path, settings: CheckSettings) -> tuple[MarkedFunction, ...]:
    """Return the functions of a project that are marked as blocking, in the order of their names.

    Args:
        paths: Files and folders.
        root: The folder of the project.
        settings: What the project has configured.
    """
    return _with_deep_stack(lambda: _marked_functions(paths, root, settings))


def _marked_functions(paths: Sequence[Path], root: Path, settings: CheckSettings) -> tuple[MarkedFunction, ...]:
    files = _files(paths, root, settings, Cache(None, root=root))
    machine = _machine(files, root, settings, selected(choice_of_file()))
    return tuple(sorted(each for module in machine.project.modules for each in marked_in(machine, module)))


def _with_deep_stack(work: Callable[[], T]) -> T:
    """Do something in a thread that may call deeper than usual: programs nest, and so does reading them."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            errors.append(error)

    limit = sys.getrecursionlimit()
    size = threading.stack_size(_STACK)
    thresholds = gc.get_threshold()
    sys.setrecursionlimit(_RECURSION)
    gc.set_threshold(_ALLOCATIONS, *thresholds[1:])
    try:
        thread = threading.Thread(target=run, name="ginger-async-safe-check", daemon=True)
        thread.start()
        thread.join()
    finally:
        gc.set_threshold(*thresholds)
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]


class _Files(NamedTuple):
    """The files of a project, as they are before any function is read."""

    sources: list[Source]
    known: dict[Path, Known]
    trees: dict[Path, ast.Module]
    unread: list[Unread]


def _check(
    paths: Sequence[Path], root: Path, settings: CheckSettings, progress: Callable[[int, int], None] | None
) -> Report:
    cache = Cache(settings.cache, root=root)
    files = _files(paths, root, settings, cache)
    rules = selected(choice_of_file())
    machine = _machine(files, root, settings, rules)
    digests = {cache.name(path): known.digest for path, known in files.known.items()}
    held = _registered(machine, files, cache, digests)
    told = _told(files, settings, rules, held)
    findings: dict[tuple[object, ...], Finding] = {}
    calls = unresolved = 0
    for index, module in enumerate(machine.project.modules):
        judged = cache.judged(module.path, told, digests)
        if judged is None:
            judged = _judged(machine, module, files, cache)
        cache.keep_judged(module.path, judged)
        calls += judged.calls
        unresolved += judged.unresolved
        for finding in judged.findings:
            first = finding.chain[0]
            key = (first.path, first.line, finding.id)
            other = findings.get(key)
            if other is None or (len(finding.chain), finding) < (len(other.chain), other):
                findings[key] = finding
        if progress is not None:
            progress(index + 1, len(machine.project.modules))
    cache.write(told)
    statistics = Statistics(
        files=len(files.sources),
        lines=sum(known.facts.lines for known in files.known.values()),
        async_functions=sum(known.facts.async_functions for known in files.known.values()),
        calls=calls,
        unresolved=unresolved,
    )
    comments = {path: known.comments for path, known in files.known.items() if known.comments}
    return Report(tuple(sorted(findings.values())), tuple(files.unread), comments, statistics)


def _files(paths: Sequence[Path], root: Path, settings: CheckSettings, cache: Cache) -> _Files:
    files = _Files([], {}, {}, [])
    kept = 0
    for path in files_below(paths, root=root, exclude=settings.exclude):
        try:
            data = path.read_bytes()
            source = Source(path, data, digest(data))
            known = cache.known(path, source.digest)
            if known is None:
                tree = parsed(data)
                known = Known(source.digest, facts_of(tree, data), comments_of(decoded(data)))
                if kept < MOST_PARSED:
                    files.trees[path] = tree
                    kept += len(data)
        except (OSError, SyntaxError, ValueError) as error:
            files.unread.append(_unread(path, error))
            continue
        files.sources.append(source)
        files.known[path] = known
        cache.keep(path, known)
    return files


def _unread(path: Path, error: Exception) -> Unread:
    if isinstance(error, SyntaxError):
        return Unread(path, error.lineno or 0, error.msg)
    if isinstance(error, OSError):
        return Unread(path, 0, error.strerror or str(error))
    return Unread(path, 0, str(error))


def _machine(files: _Files, root: Path, settings: CheckSettings, rules: Sequence[BlockingCall]) -> Machine:
    project = Project(files.sources, root=root)
    for module in project.modules:
        tree = files.trees.pop(module.path, None)
        if tree is not None:
            project.keep(module, tree)
    machine = Machine(project, RuleTable(rules), settings.marked, _READERS)
    tell(machine, {path: known.facts for path, known in files.known.items()})
    return machine


def _told(files: _Files, settings: CheckSettings, rules: Sequence[BlockingCall], registered: Sequence[Held]) -> str:
    """Return a digest of all that any function may depend on, wherever it is."""
    told = hashlib.blake2b(digest_size=16)
    for rule in rules:
        told.update(f"{rule.id} {rule.target} {rule.mend} {rule.reason}\n".encode())
    told.update(repr(settings.marked).encode())
    for path, known in files.known.items():
        told.update(f"{path} {known.facts.classes}\n".encode())
        if known.facts.related or known.facts.guards:
            told.update(known.digest.encode())
    for held in sorted(registered):
        told.update(f"{held._replace(line=0)}\n".encode())
    return told.hexdigest()


def _registered(machine: Machine, files: _Files, cache: Cache, digests: Mapping[str, str]) -> list[Held]:
    """Note what all modules register when they are imported, and return it."""
    facts = {module: files.known[module.path].facts for module in machine.project.modules}
    machine.holding = {module for module, known in facts.items() if known.holds}
    found: list[Held] = []
    for module, known in facts.items():
        if not known.registers:
            continue
        registered = cache.registered(module.path, digests)
        if registered is None:
            held, modules = registered_by(machine, module)
            registered = Registered(tuple(held), _looked_into(machine, modules, files, cache))
        else:
            for each in registered.held:
                refill(machine, each)
        cache.keep_registered(module.path, registered)
        found += registered.held
    machine.begin_judging()
    return found


def _looked_into(machine: Machine, modules: int, files: _Files, cache: Cache) -> dict[str, str]:
    return {
        cache.name(each.path): files.known[each.path].digest for each in machine.project.modules if each.bit & modules
    }


def _judged(machine: Machine, module: Module, files: _Files, cache: Cache) -> Judged:
    calls, unresolved = machine.calls, machine.unresolved
    findings, modules = findings_of(machine, module, files.known[module.path].facts)
    looked_into = _looked_into(machine, modules, files, cache)
    return Judged(tuple(sorted(findings)), looked_into, machine.calls - calls, machine.unresolved - unresolved)
