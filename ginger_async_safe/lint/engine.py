"""The check itself: it reads files, and reports where async code reaches a blocking call."""

from __future__ import annotations

import ast
import sys
import threading
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.selection import choice_of_file, selected
from ginger_async_safe.lint.annotations import annotated
from ginger_async_safe.lint.attributes import attribute
from ginger_async_safe.lint.calls import call, call_method
from ginger_async_safe.lint.classes import has_base, order_of
from ginger_async_safe.lint.comments import comments_of
from ginger_async_safe.lint.decorating import MARKING
from ginger_async_safe.lint.entries import PROTOCOLS, Facts, facts_of
from ginger_async_safe.lint.expressions import evaluate
from ginger_async_safe.lint.findings import Report, Statistics, Unread
from ginger_async_safe.lint.frames import Arguments, Frame, Scope
from ginger_async_safe.lint.knowledge import RuleTable
from ginger_async_safe.lint.machine import Machine, Readers
from ginger_async_safe.lint.modules import Project, parsed
from ginger_async_safe.lint.sources import Source, decoded, digest, files_below
from ginger_async_safe.lint.statements import execute
from ginger_async_safe.lint.values import ClassValue, External, FunctionValue, Instance, Literal, QuerySet
from ginger_async_safe.lint.models import queryset_class_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ginger_async_safe.lint.entries import Entry
    from ginger_async_safe.lint.findings import Finding
    from ginger_async_safe.lint.modules import Module
    from ginger_async_safe.lint.settings import CheckSettings
    from ginger_async_safe.lint.values import Value

__all__ = ["check"]

_READERS = Readers(evaluate, execute, annotated, call, call_method, attribute, order_of)
_STACK = 512 * 1024 * 1024  # bytes of address space for deeply nested programs
_RECURSION = 60_000


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


def _with_deep_stack(work: Callable[[], Report]) -> Report:
    """Do something in a thread that may call deeper than usual: programs nest, and so does reading them."""
    results: list[Report] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            errors.append(error)

    limit = sys.getrecursionlimit()
    size = threading.stack_size(_STACK)
    sys.setrecursionlimit(_RECURSION)
    try:
        thread = threading.Thread(target=run, name="ginger-async-safe-check", daemon=True)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]


def _check(
    paths: Sequence[Path], root: Path, settings: CheckSettings, progress: Callable[[int, int], None] | None
) -> Report:
    unread: list[Unread] = []
    sources: list[Source] = []
    facts: dict[Path, Facts] = {}
    comments: dict[Path, tuple[object, ...]] = {}
    for path in files_below(paths, root=root, exclude=settings.exclude):
        try:
            data = path.read_bytes()
            tree = parsed(data)
        except (OSError, SyntaxError, ValueError) as error:
            unread.append(_unread(path, error))
            continue
        sources.append(Source(path, data, digest(data)))
        facts[path] = facts_of(tree, data)
        found = comments_of(decoded(data))
        if found:
            comments[path] = found
    project = Project(sources, root=root)
    machine = Machine(project, RuleTable(selected(choice_of_file())), settings.marked, _READERS)
    _tell(machine, facts)
    findings: dict[tuple[object, ...], Finding] = {}
    for index, module in enumerate(project.modules):
        for finding in _findings_of(machine, module, facts[module.path]):
            first = finding.chain[0]
            key = (first.path, first.line, finding.id)
            known = findings.get(key)
            if known is None or (len(finding.chain), finding) < (len(known.chain), known):
                findings[key] = finding
        if progress is not None:
            progress(index + 1, len(project.modules))
    statistics = Statistics(
        files=len(sources),
        lines=sum(each.lines for each in facts.values()),
        async_functions=sum(each.async_functions for each in facts.values()),
        calls=machine.calls,
        unresolved=machine.unresolved,
    )
    return Report(tuple(sorted(findings.values())), tuple(unread), comments, statistics)  # type: ignore[arg-type]


def _unread(path: Path, error: Exception) -> Unread:
    if isinstance(error, SyntaxError):
        return Unread(path, error.lineno or 0, error.msg)
    if isinstance(error, OSError):
        return Unread(path, 0, error.strerror or str(error))
    return Unread(path, 0, str(error))


def _tell(machine: Machine, facts: dict[Path, Facts]) -> None:
    """Tell the machine what has to be known of all modules before one is read."""
    for module in machine.project.modules:
        known = facts[module.path]
        for name in known.classes:
            machine.classes.setdefault(name.rpartition(".")[2], []).append(module)
        machine.related += [(module, name) for name in known.related]
    for module in machine.project.modules:
        if facts[module.path].guards:
            _note_guards(machine, module)


def _note_guards(machine: Machine, module: Module) -> None:
    """Note the methods that ``async_unsafe.guard(cls, "name")`` marks."""
    for node in ast.walk(machine.project.tree(module)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "guard":
            continue
        frame = Frame(Scope(module), module.name)
        function = machine.evaluate(node.func.value, frame)
        if not isinstance(function, External) or function.name not in MARKING or not node.args:
            continue
        cls = machine.evaluate(node.args[0], frame)
        for argument in node.args[1:]:
            if isinstance(cls, ClassValue) and isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                machine.guarded[cls.name, argument.value] = _use_of(node)


def _use_of(node: ast.Call) -> str:
    for keyword in node.keywords:
        if keyword.arg == "use" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return ""


def _findings_of(machine: Machine, module: Module, facts: Facts) -> set[Finding]:
    findings: set[Finding] = set()
    for entry in facts.entries:
        machine.begin()
        findings |= _findings_at(machine, module, entry)
    if facts.entries:
        machine.begin()
        frame = Frame(Scope(module), module.name)
        for effect in machine.project.symbols(module).effects:
            machine.evaluate(effect, frame)
        findings |= frame.findings
    return findings


def _findings_at(machine: Machine, module: Module, entry: Entry) -> set[Finding]:
    owner_name, _, _ = entry.qualname.rpartition(".")
    owner = ClassValue(module, owner_name) if owner_name else None
    function = FunctionValue(module, entry.qualname, entry.line, owner)
    frame = Frame(Scope(module), module.name)
    if entry.kind == "callback" and (owner is None or not has_base(machine, owner, PROTOCOLS, frame)):
        return set()
    receiver = None if owner is None else _receiver(machine, function, owner, frame)
    result = machine.read(function, Arguments(is_complete=False), receiver, is_entry=True)
    return set(result.findings) | (set(result.events) if entry.kind == "callback" else set())


def _receiver(machine: Machine, function: FunctionValue, owner: ClassValue, frame: Frame) -> Value | None:
    node = machine.definition(function)
    names = set()
    for decorator in [] if node is None or isinstance(node, ast.Lambda) else node.decorator_list:
        value = machine.evaluate(decorator, frame)
        names |= {value.name} if isinstance(value, External) else set()
    if "staticmethod" in names:
        return None
    if "classmethod" in names:
        return owner
    kind = queryset_class_of(machine, owner, frame)
    if kind is not None:
        return QuerySet(kind[0], Literal(None), kind[1], classes=(owner,))
    return Instance(owner)
