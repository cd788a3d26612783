"""The engine: it reads files, and returns where async code reaches a blocking call."""

from __future__ import annotations

import gc
import hashlib
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ginger_async_safe.blocking.rules.imports import OF_STATEMENTS
from ginger_async_safe.blocking.selection import choice_of_file, selected
from ginger_async_safe.lint.check.analysis import findings_of, load_facts
from ginger_async_safe.lint.check.cache import Analysis, Cache, Registered
from ginger_async_safe.lint.check.marked import marked_in
from ginger_async_safe.lint.check.reading import Reading, read_files
from ginger_async_safe.lint.django import managers
from ginger_async_safe.lint.django.orm import DJANGO_ORM
from ginger_async_safe.lint.domain.findings import Report, Statistics, nearest
from ginger_async_safe.lint.interpreter.annotations import evaluate_annotation
from ginger_async_safe.lint.interpreter.attributes import attribute
from ginger_async_safe.lint.interpreter.calls import call, call_method
from ginger_async_safe.lint.interpreter.expressions import evaluate
from ginger_async_safe.lint.interpreter.import_calls import note_calls
from ginger_async_safe.lint.interpreter.interpreter import Handlers, Interpreter
from ginger_async_safe.lint.interpreter.registries import refill, registered_by
from ginger_async_safe.lint.interpreter.statements import execute
from ginger_async_safe.lint.knowledge.rule_table import RuleTable
from ginger_async_safe.lint.overlays.calls import OVERLAYS, call_external
from ginger_async_safe.lint.source.notebooks import cell_of
from ginger_async_safe.lint.source.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.lint.check.marked import MarkedFunction
    from ginger_async_safe.lint.check.reading import ProjectFiles
    from ginger_async_safe.lint.check.settings import CheckSettings
    from ginger_async_safe.lint.dependencies.packages import InstalledDependencies
    from ginger_async_safe.lint.domain.findings import Cut, Finding
    from ginger_async_safe.lint.domain.registrations import Registration
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


def check(  # noqa: PLR0913 - each says something else about what is read
    paths: Sequence[Path],
    *,
    root: Path,
    settings: CheckSettings,
    context: Sequence[Path] = (),
    contents: Mapping[Path, bytes] | None = None,
    changed: frozenset[Path] | None = None,
    progress: Callable[[int, int], None] | None = None,
    reading_package: Callable[[str], None] | None = None,
) -> Report:
    """Read files, and return where async code reaches a blocking call.

    Args:
        paths: Files and folders.
        root: The folder of the project.
        settings: The settings of the project.
        context: The files and folders that the others may depend on, and to which they may belong: all are evaluated, and
            nothing is reported about those that are not below ``paths``.
        contents: The contents of files that are not to be read from the disk.
        changed: The files that call chains have to pass through to be reported; all are, where it is ``None``.
        progress: Called with how many files are done, of how many.
        reading_package: Called with the name and version of an installed package before it is read.

    Raises:
        ConfigurationError: Where the settings name an environment that is not there.
    """
    reading = Reading(paths, context, contents or {}, changed)
    return _with_deep_stack(lambda: _check(reading, root, settings, progress, reading_package))


def marked_functions(paths: Sequence[Path], *, root: Path, settings: CheckSettings) -> tuple[MarkedFunction, ...]:
    """Return the functions of a project that are marked as blocking, in the order of their names.

    Args:
        paths: Files and folders.
        root: The folder of the project.
        settings: The settings of the project.
    """
    return _with_deep_stack(lambda: _marked_functions(paths, root, settings))


def _marked_functions(paths: Sequence[Path], root: Path, settings: CheckSettings) -> tuple[MarkedFunction, ...]:
    files = read_files(Reading(paths), root, settings, Cache(None, root=root))
    interpreter = _interpreter(files, root, (), settings, _rules(settings))
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


def _check(
    reading: Reading,
    root: Path,
    settings: CheckSettings,
    progress: Callable[[int, int], None] | None,
    reading_package: Callable[[str], None] | None,
) -> Report:
    cache = Cache(settings.cache, root=root)
    files = read_files(reading, root, settings, cache)
    rules = _rules(settings)
    dependencies = _installed(root, settings, rules, reading_package)
    interpreter = _interpreter(files, root, reading.context, settings, rules, dependencies=dependencies)
    digests = {cache.name(path): known.digest for path, known in files.known.items()}
    held = _registered(interpreter, files, cache, digests)
    project_digest = _project_digest(files, settings, rules, held, interpreter)
    if dependencies is not None:
        project_digest += f" {dependencies.digest()}"
    of_lines: dict[tuple[object, ...], set[Finding]] = {}
    cuts: list[Cut] = []
    calls = unresolved = left_out = 0
    for index, module in enumerate(interpreter.project.modules):
        analysis = cache.analysis(module.path, project_digest, digests)
        if analysis is None:
            analysis = _analysis_of(interpreter, module, files, cache)
        cache.keep_analysis(module.path, analysis)
        if module.path in files.named:
            cuts += analysis.cuts
            calls += analysis.calls
            unresolved += analysis.unresolved
            left_out += analysis.left_out
        for finding in analysis.findings:
            first = finding.chain[0]
            if _is_requested(finding, reading, files):
                of_lines.setdefault((first.path, first.line, finding.id), set()).add(finding)
        if progress is not None:
            progress(index + 1, len(interpreter.project.modules))
    if not reading.contents and (files.is_context or not reading.context):  # else the next check reads other files
        cache.write(project_digest)
    if dependencies is not None:
        dependencies.write()
    facts = [known.facts for path, known in files.known.items() if path in files.named]
    statistics = Statistics(
        files=len(facts),
        lines=sum(each.lines for each in facts),
        async_functions=sum(each.async_functions for each in facts),
        calls=calls,
        unresolved=unresolved,
        context=len(files.sources) - len(facts),
        skipped_classes=left_out,
        packages_read=0 if dependencies is None else len(dependencies.read),
        packages_cut=() if dependencies is None else tuple(dependencies.cut),
    )
    findings = sorted(finding for same in of_lines.values() for finding in nearest(same))
    return Report(
        tuple(_in_cells(finding, files) for finding in findings),
        tuple(sorted(files.unread)),
        {path: known.comments for path, known in files.known.items() if known.comments},
        statistics,
        tuple(files.left_out),
        files.named,
        cache.notes,
        cuts=tuple(_cut_in_cell(cut, files) for cut in sorted(cuts)),
    )


def _rules(settings: CheckSettings) -> tuple[BlockingCall, ...]:
    """Return the rules that are in force."""
    rules = selected(choice_of_file())
    return rules if settings.imports else tuple(rule for rule in rules if rule.target != OF_STATEMENTS.target)


def _is_requested(finding: Finding, reading: Reading, files: ProjectFiles) -> bool:
    return finding.chain[0].path in files.named and (
        reading.changed is None or any(step.path in reading.changed for step in finding.chain)
    )


def _in_cells(finding: Finding, files: ProjectFiles) -> Finding:
    """Return a finding with the lines of notebooks as lines of their cells."""
    if not any(files.known[step.path].cells for step in finding.chain):
        return finding
    chain = []
    for step in finding.chain:
        cells = files.known[step.path].cells
        if cells:
            number, line = cell_of(cells, step.line)
            chain.append(replace(step, cell=number, line=line))
        else:
            chain.append(step)
    return replace(finding, chain=tuple(chain))


def _cut_in_cell(cut: Cut, files: ProjectFiles) -> Cut:
    """Return where an evaluation was cut short, with the line of a notebook as a line of its cell."""
    cells = files.known[cut.path].cells
    if not cells:
        return cut
    number, line = cell_of(cells, cut.line)
    return replace(cut, cell=number, line=line)


def _installed(
    root: Path, settings: CheckSettings, rules: Sequence[BlockingCall], reading_package: Callable[[str], None] | None
) -> InstalledDependencies | None:
    """Return what installed packages do; ``None`` where the settings do not ask for it."""
    if not settings.dependencies:
        return None
    # A check without them does not need these imports, which take as long as checking ten files.
    from ginger_async_safe.lint.check.installed import dependencies_of  # noqa: PLC0415

    return dependencies_of(root, settings, rules, _HANDLERS, reading_package)


def _interpreter(  # noqa: PLR0913 - each is a part of what is analysed
    files: ProjectFiles,
    root: Path,
    others: Sequence[Path],
    settings: CheckSettings,
    rules: Sequence[BlockingCall],
    *,
    dependencies: InstalledDependencies | None = None,
) -> Interpreter:
    project = Project(files.sources, root=root, others=others)
    for module in project.modules:
        tree = files.trees.pop(module.path, None)
        if tree is not None:
            project.keep(module, tree)
    interpreter = Interpreter(project, RuleTable(rules), settings.marked, _HANDLERS, dependencies=dependencies)
    load_facts(interpreter, {path: known.facts for path, known in files.known.items()})
    return interpreter


def _project_digest(
    files: ProjectFiles,
    settings: CheckSettings,
    rules: Sequence[BlockingCall],
    registered: Sequence[Registration],
    interpreter: Interpreter,
) -> str:
    """Return a digest of everything that any function may depend on, wherever it is."""
    digest_of_all = hashlib.blake2b(digest_size=16)

    def add(text: str) -> None:
        digest_of_all.update(text.encode(errors="surrogatepass"))  # the name of a file need not be UTF-8

    for rule in rules:
        add(f"{rule.id} {rule.target} {rule.fix} {rule.reason}\n")
    guarded = sorted(interpreter.marks.guarded.items())
    add(f"{settings.marked} {guarded} {interpreter.models.are_possible}\n")
    for path, known in files.known.items():
        add(f"{path} {[(each.name, each.bases) for each in known.facts.classes]}\n")
        for store in known.facts.stores:
            add(f"{store.place} {store.qualname}\n")
        foreign = sorted({(fill.owner, fill.name) for fill in known.facts.fills if fill.is_foreign})
        add(f"{foreign}\n")
        if known.facts.related:
            add(known.digest)
    for names in sorted(interpreter.class_index.structural_matches()):
        add(f"{names}\n")
    add(f"{interpreter.imports.digest_lines()}\n")
    for held in sorted(registered):
        add(f"{held._replace(line=0)}\n")
    return digest_of_all.hexdigest()


def _registered(
    interpreter: Interpreter, files: ProjectFiles, cache: Cache, digests: Mapping[str, str]
) -> list[Registration]:
    """Record what all modules register at import, and return it."""
    facts = {module: files.known[module.path].facts for module in interpreter.project.modules}
    remembering = {name for known in facts.values() for name in known.remembers}
    for module, known in facts.items():
        note_calls(interpreter, module, (call for call in known.calls if call.rpartition(".")[2] in remembering))
    interpreter.names.values.forget()  # those of names that are set now
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


def _dependencies(interpreter: Interpreter, modules: int, files: ProjectFiles, cache: Cache) -> dict[str, str]:
    return {
        cache.name(each.path): files.known[each.path].digest
        for each in interpreter.project.modules
        if each.bit & modules
    }


def _analysis_of(interpreter: Interpreter, module: Module, files: ProjectFiles, cache: Cache) -> Analysis:
    counts = interpreter.counts
    calls, unresolved, left_out = counts.calls, counts.unresolved, counts.left_out
    findings, cuts, modules = findings_of(interpreter, module, files.known[module.path].facts)
    dependencies = _dependencies(interpreter, modules, files, cache)
    return Analysis(
        tuple(sorted(findings)),
        dependencies,
        counts.calls - calls,
        counts.unresolved - unresolved,
        counts.left_out - left_out,
        tuple(sorted(cuts)),
    )
