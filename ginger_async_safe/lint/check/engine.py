"""The engine: it reads files, and returns where async code reaches a blocking call."""

from __future__ import annotations

import gc
import hashlib
import sys
import threading
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ginger_async_safe.blocking.selection import choice_of_file, selected
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.check.analysis import findings_of, load_facts
from ginger_async_safe.lint.check.cache import Analysis, Cache, Known, Registered, signature
from ginger_async_safe.lint.check.marked import marked_in
from ginger_async_safe.lint.dependencies.packages import InstalledDependencies
from ginger_async_safe.lint.dependencies.store import Store
from ginger_async_safe.lint.django import managers
from ginger_async_safe.lint.django.orm import DJANGO_ORM
from ginger_async_safe.lint.domain.findings import Report, Statistics, Unread
from ginger_async_safe.lint.interpreter.annotations import evaluate_annotation
from ginger_async_safe.lint.interpreter.attributes import attribute
from ginger_async_safe.lint.interpreter.calls import call, call_method
from ginger_async_safe.lint.interpreter.expressions import evaluate
from ginger_async_safe.lint.interpreter.interpreter import Handlers, Interpreter
from ginger_async_safe.lint.interpreter.registries import refill, registered_by
from ginger_async_safe.lint.interpreter.statements import execute
from ginger_async_safe.lint.knowledge.rule_table import RuleTable
from ginger_async_safe.lint.overlays.calls import OVERLAYS, call_external
from ginger_async_safe.lint.source.entry_points import facts_of
from ginger_async_safe.lint.source.environments import environment_at, environment_of
from ginger_async_safe.lint.source.files import Source, decoded, digest, files_below
from ginger_async_safe.lint.source.project import MAX_PARSED_BYTES, Project, parsed
from ginger_async_safe.lint.source.suppression_comments import comments_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.lint.check.marked import MarkedFunction
    from ginger_async_safe.lint.check.settings import CheckSettings
    from ginger_async_safe.lint.domain.findings import Finding
    from ginger_async_safe.lint.domain.registrations import Registration
    from ginger_async_safe.lint.interpreter.marks import Marks
    from ginger_async_safe.lint.source.environments import Environment
    from ginger_async_safe.lint.source.project import Module

__all__ = ["check", "marked_functions"]

T = TypeVar("T")

_HANDLERS = Handlers(
    evaluate,
    execute,
    evaluate_annotation,
    call,
    call_method,
    attribute,
    call_external,
    {**OVERLAYS, **managers.OVERLAYS},
    DJANGO_ORM,
)
_STACK = 512 * 1024 * 1024  # bytes of address space for deeply nested programs
_RECURSION = 60_000
_ALLOCATIONS = 1_000_000  # allocations between two collections: trees are large, and have no reference cycles


def check(
    paths: Sequence[Path],
    *,
    root: Path,
    settings: CheckSettings,
    progress: Callable[[int, int], None] | None = None,
    reading: Callable[[str], None] | None = None,
) -> Report:
    """Read files, and return where async code reaches a blocking call.

    Args:
        paths: Files and folders.
        root: The folder of the project.
        settings: The settings of the project.
        progress: Called with how many files are done, of how many.
        reading: Called with the name and version of an installed package before it is read.

    Raises:
        ConfigurationError: Where the settings name an environment that is not there.
    """
    return _with_deep_stack(lambda: _check(paths, root, settings, progress, reading))


def marked_functions(paths: Sequence[Path], *, root: Path, settings: CheckSettings) -> tuple[MarkedFunction, ...]:
    """Return the functions of a project that are marked as blocking, in the order of their names.

    Args:
        paths: Files and folders.
        root: The folder of the project.
        settings: The settings of the project.
    """
    return _with_deep_stack(lambda: _marked_functions(paths, root, settings))


def _marked_functions(paths: Sequence[Path], root: Path, settings: CheckSettings) -> tuple[MarkedFunction, ...]:
    files = _files(paths, root, settings, Cache(None, root=root))
    interpreter = _interpreter(files, root, settings, selected(choice_of_file()))
    return tuple(sorted(each for module in interpreter.project.modules for each in marked_in(interpreter, module)))


def _with_deep_stack(work: Callable[[], T]) -> T:
    """Call a function in a thread with a deep stack: programs nest deeply, and so does their evaluation."""
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
    """The files of a project, before any function is evaluated."""

    sources: list[Source]
    known: dict[Path, Known]
    trees: dict[Path, ast.Module]
    unread: list[Unread]


def _check(
    paths: Sequence[Path],
    root: Path,
    settings: CheckSettings,
    progress: Callable[[int, int], None] | None,
    reading: Callable[[str], None] | None,
) -> Report:
    cache = Cache(settings.cache, root=root)
    files = _files(paths, root, settings, cache)
    rules = selected(choice_of_file())
    environment = _environment(root, settings)
    dependencies = None if environment is None else _dependencies_in(environment, settings, rules, reading)
    interpreter = _interpreter(files, root, settings, rules, dependencies)
    digests = {cache.name(path): known.digest for path, known in files.known.items()}
    held = _registered(interpreter, files, cache, digests)
    installed = "" if environment is None else environment.digest()
    project_digest = _project_digest(files, settings, rules, held, interpreter.marks, installed)
    findings: dict[tuple[object, ...], Finding] = {}
    calls = unresolved = 0
    for index, module in enumerate(interpreter.project.modules):
        analysis = cache.analysis(module.path, project_digest, digests)
        if analysis is None:
            analysis = _analysis_of(interpreter, module, files, cache)
        cache.keep_analysis(module.path, analysis)
        calls += analysis.calls
        unresolved += analysis.unresolved
        for finding in analysis.findings:
            first = finding.chain[0]
            key = (first.path, first.line, finding.id)
            other = findings.get(key)
            if other is None or (len(finding.chain), finding) < (len(other.chain), other):
                findings[key] = finding
        if progress is not None:
            progress(index + 1, len(interpreter.project.modules))
    cache.write(project_digest)
    if dependencies is not None:
        dependencies.write()
    statistics = Statistics(
        files=len(files.sources),
        lines=sum(known.facts.lines for known in files.known.values()),
        async_functions=sum(known.facts.async_functions for known in files.known.values()),
        calls=calls,
        unresolved=unresolved,
        packages_read=0 if dependencies is None else len(dependencies.read),
        packages_cut=() if dependencies is None else tuple(dependencies.cut),
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
                if kept < MAX_PARSED_BYTES:
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


def _environment(root: Path, settings: CheckSettings) -> Environment | None:
    """Return the environment whose packages are read, or ``None`` where none is."""
    if not settings.dependencies:
        return None
    if settings.python is None:
        return environment_of(root)
    found = environment_at(root / settings.python)
    if found is None:
        msg = f"there are no installed packages in {settings.python}; give an interpreter, or the folder of a virtual environment"
        raise ConfigurationError(msg)
    return found


def _dependencies_in(
    environment: Environment,
    settings: CheckSettings,
    rules: Sequence[BlockingCall],
    reading: Callable[[str], None] | None,
) -> InstalledDependencies:
    told = digest("".join(f"{rule.id} {rule.target} {rule.category}\n" for rule in rules).encode())
    store = Store(settings.cache, f"{signature()} {told}")
    return InstalledDependencies(environment, store, rules, _HANDLERS, reading)


def _interpreter(
    files: _Files,
    root: Path,
    settings: CheckSettings,
    rules: Sequence[BlockingCall],
    dependencies: InstalledDependencies | None = None,
) -> Interpreter:
    project = Project(files.sources, root=root)
    for module in project.modules:
        tree = files.trees.pop(module.path, None)
        if tree is not None:
            project.keep(module, tree)
    interpreter = Interpreter(project, RuleTable(rules), settings.marked, _HANDLERS, dependencies=dependencies)
    load_facts(interpreter, {path: known.facts for path, known in files.known.items()})
    return interpreter


def _project_digest(
    files: _Files,
    settings: CheckSettings,
    rules: Sequence[BlockingCall],
    registered: Sequence[Registration],
    marks: Marks,
    installed: str,
) -> str:
    """Return a digest of everything that any function may depend on, wherever it is."""
    digest_of_all = hashlib.blake2b(digest_size=16)
    for rule in rules:
        digest_of_all.update(f"{rule.id} {rule.target} {rule.fix} {rule.reason}\n".encode())
    digest_of_all.update(f"{settings.marked} {sorted(marks.guarded.items())} {installed}\n".encode())
    for path, known in files.known.items():
        digest_of_all.update(f"{path} {known.facts.classes}\n".encode())
        if known.facts.related:
            digest_of_all.update(known.digest.encode())
    for held in sorted(registered):
        digest_of_all.update(f"{held._replace(line=0)}\n".encode())
    return digest_of_all.hexdigest()


def _registered(
    interpreter: Interpreter, files: _Files, cache: Cache, digests: Mapping[str, str]
) -> list[Registration]:
    """Record what all modules register at import, and return it."""
    facts = {module: files.known[module.path].facts for module in interpreter.project.modules}
    interpreter.registries.modules |= {module for module, known in facts.items() if known.holds}
    found: list[Registration] = []
    for module, known in facts.items():
        if not known.registers:
            continue
        registered = cache.registered(module.path, digests)
        if registered is None:
            held, modules = registered_by(interpreter, module)
            registered = Registered(tuple(held), _dependencies(interpreter, modules, files, cache))
        else:
            for each in registered.held:
                refill(interpreter, each)
        cache.keep_registered(module.path, registered)
        found += registered.held
    interpreter.begin_analysis()
    return found


def _dependencies(interpreter: Interpreter, modules: int, files: _Files, cache: Cache) -> dict[str, str]:
    return {
        cache.name(each.path): files.known[each.path].digest
        for each in interpreter.project.modules
        if each.bit & modules
    }


def _analysis_of(interpreter: Interpreter, module: Module, files: _Files, cache: Cache) -> Analysis:
    counts = interpreter.counts
    calls, unresolved = counts.calls, counts.unresolved
    findings, modules = findings_of(interpreter, module, files.known[module.path].facts)
    dependencies = _dependencies(interpreter, modules, files, cache)
    return Analysis(tuple(sorted(findings)), dependencies, counts.calls - calls, counts.unresolved - unresolved)
