"""What statements do, and what the names are bound to after them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ginger_async_safe.lint.blocking import block
from ginger_async_safe.lint.classes import setter_of
from ginger_async_safe.lint.decorating import decorated, grant_of
from ginger_async_safe.lint.expressions import OPERATORS, async_elements_of, narrowed
from ginger_async_safe.lint.frames import Arguments
from ginger_async_safe.lint.iterating import LOCKS, elements_of, entered, truth, unpacked
from ginger_async_safe.lint.names import imported, imported_from, of_module
from ginger_async_safe.lint.outcomes import known_truth
from ginger_async_safe.lint.registries import hold
from ginger_async_safe.lint.values import (
    NOTHING,
    UNKNOWN,
    Awaitable,
    ClassValue,
    Closure,
    Collection,
    External,
    Generator,
    Instance,
    Literal,
    TupleValue,
    Unknown,
    each,
    join,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ginger_async_safe.lint.frames import Frame, Scope
    from ginger_async_safe.lint.machine import Machine
    from ginger_async_safe.lint.values import Value

__all__ = ["execute"]

_Names = dict[str, "Value"]


def execute(machine: Machine, body: Sequence[ast.stmt], frame: Frame) -> bool:
    """Read statements, and tell whether what follows them is reached."""
    for statement in body:
        handler = _HANDLERS.get(type(statement))
        if handler is not None and not handler(machine, statement, frame):
            return False
    return True


def _expression(machine: Machine, node: ast.Expr, frame: Frame) -> bool:
    machine.evaluate(node.value, frame)
    return True


def _assign(machine: Machine, node: ast.Assign, frame: Frame) -> bool:
    value = machine.evaluate(node.value, frame)
    for target in node.targets:
        _bind(machine, target, value, node.value, frame)
    return True


def _annotated(machine: Machine, node: ast.AnnAssign, frame: Frame) -> bool:
    value = UNKNOWN if node.value is None else machine.evaluate(node.value, frame)
    if isinstance(value, (Unknown, Literal)) or (isinstance(value, Collection) and isinstance(value.elements, Unknown)):
        declared = machine.annotated(node.annotation, frame)
        value = declared if isinstance(value, Unknown) or not isinstance(declared, Unknown) else value
    if node.value is not None or isinstance(node.target, ast.Name):
        _bind(machine, node.target, value, node.value or node.annotation, frame)
    return True


def _augmented(machine: Machine, node: ast.AugAssign, frame: Frame) -> bool:
    operation = ast.BinOp(node.target, node.op, node.value)
    ast.copy_location(operation, node)
    owner = machine.evaluate(node.target, frame.aside())
    value: Value | None = None
    if isinstance(owner, Instance):
        added = machine.evaluate(node.value, frame.aside())
        method = f"__i{OPERATORS[type(node.op)]}__"
        value = machine.call_method(owner, method, Arguments((added,)), frame, operation)
    if value is None:
        value = machine.evaluate(operation, frame)
    if isinstance(node.target, ast.Name):
        frame.scope.bind(node.target.id, value)
    return True


def _bind(machine: Machine, target: ast.expr, value: Value, node: ast.expr, frame: Frame) -> None:
    """Bind a target, which may be several in one, to a value."""
    if isinstance(target, ast.Name):
        frame.scope.bind(target.id, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for index, item in enumerate(target.elts):
            inner = item.value if isinstance(item, ast.Starred) else item
            position = -1 if isinstance(item, ast.Starred) else index
            # What is unpacked is iterated once, whatever it is unpacked to.
            part = unpacked(machine, value, (position,), node, frame if index == 0 else frame.aside())
            _bind(machine, inner, part, node, frame)
    elif isinstance(target, ast.Attribute):
        _store(machine, target, value, frame)
    elif isinstance(target, ast.Subscript):
        _store_item(machine, target, value, frame)


def _store(machine: Machine, target: ast.Attribute, value: Value, frame: Frame) -> None:
    owner = machine.evaluate(target.value, frame)
    if owner == frame.receiver:
        known = frame.stores.get(target.attr)
        frame.stores[target.attr] = value if known is None or not frame.loops else join(known, value)
        frame.stored.setdefault(target.attr, []).append(value)
    if isinstance(owner, Instance):
        setter = setter_of(machine, owner.cls, target.attr, frame) if isinstance(owner.cls, ClassValue) else None
        if setter is not None:
            machine.call_function(setter, Arguments((value,)), owner, frame, target)
        if isinstance(target.value, ast.Name) and owner.loaded is not None:
            changed = replace(owner, loaded=owner.loaded | {target.attr})
            if frame.scope.names.get(target.value.id) == owner:
                frame.scope.names[target.value.id] = changed


def _store_item(machine: Machine, target: ast.Subscript, value: Value, frame: Frame) -> None:
    owner = machine.evaluate(target.value, frame)
    index = UNKNOWN if isinstance(target.slice, ast.Slice) else machine.evaluate(target.slice, frame)
    if isinstance(owner, Instance):
        machine.call_method(owner, "__setitem__", Arguments((index, value)), frame, target)
    elif not isinstance(target.value, ast.Name) or target.value.id not in frame.scope.names:
        hold(machine, target.value, value, frame)
    elif isinstance(owner, (Collection, TupleValue)):
        if isinstance(owner, TupleValue):
            owner = Collection("list", join(*owner.items) if owner.items else UNKNOWN)
        held = owner.elements if owner.values is None else owner.values
        known = [member for member in (held, value) if not isinstance(member, Unknown)]
        joined = join(*known) if known else UNKNOWN
        is_map = owner.kind == "dict"
        frame.scope.names[target.value.id] = (
            replace(owner, values=joined) if is_map else replace(owner, elements=joined, values=None)
        )


def _return(machine: Machine, node: ast.Return, frame: Frame) -> bool:
    frame.returned.append(NOTHING if node.value is None else machine.evaluate(node.value, frame))
    return False


def _raise(machine: Machine, node: ast.Raise, frame: Frame) -> bool:
    for part in (node.exc, node.cause):
        if part is not None:
            machine.evaluate(part, frame)
    return False


def _assert(machine: Machine, node: ast.Assert, frame: Frame) -> bool:
    known = truth(machine, machine.evaluate(node.test, frame), node.test, frame)
    narrowed(machine, node.test, frame, holds=True)
    return known is not False or not isinstance(node.test, ast.Constant)


def _delete(machine: Machine, node: ast.Delete, frame: Frame) -> bool:
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.scope.names.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            owner = machine.evaluate(target.value, frame)
            if isinstance(owner, Instance):
                machine.call_method(owner, "__delitem__", Arguments((UNKNOWN,)), frame, target)
    return True


def _joined(first: _Names, second: _Names) -> _Names:
    joined = dict(first)
    for name, value in second.items():
        mine = joined.get(name)
        if mine is None:
            joined[name] = value
        elif mine is not value and mine != value:
            joined[name] = join(mine, value)
    return joined


def _if(machine: Machine, node: ast.If, frame: Frame) -> bool:
    known = known_truth(node.test)
    if known is None:
        known = truth(machine, machine.evaluate(node.test, frame), node.test, frame)
    before = frame.scope.names
    stores = dict(frame.stores)
    ends: list[_Names] = []
    if known is not False:
        frame.scope.names = dict(before)
        narrowed(machine, node.test, frame, holds=True)
        if machine.execute(node.body, frame):
            ends.append(frame.scope.names)
    after_body, frame.stores = frame.stores, stores
    if known is not True:
        frame.scope.names = dict(before)
        narrowed(machine, node.test, frame, holds=False)
        if machine.execute(node.orelse, frame):
            ends.append(frame.scope.names)
    frame.stores = _joined(frame.stores, after_body)
    frame.scope.names = _joined(*ends) if len(ends) == 2 else (ends[0] if ends else before)  # noqa: PLR2004
    return bool(ends)


def _loop(machine: Machine, frame: Frame, turn: Callable[[], bool], *, is_endless: bool) -> bool:
    """Read the body of a loop: twice, where the first turn changes what names are bound to."""
    before = dict(frame.scope.names)
    breaks: list[_Names] = []
    frame.exits.append(breaks)
    frame.loops += 1
    try:
        falls = turn()
        after = frame.scope.names if falls else before
        again = _joined(before, after)
        if frame.loops == 1 and any(before.get(name) != value for name, value in again.items() if name in before):
            frame.scope.names = dict(again)
            falls = turn()
            after = frame.scope.names if falls else after
    finally:
        frame.exits.pop()
        frame.loops -= 1
    ends = [] if is_endless else [before, after]
    ends += breaks
    names = ends[0] if ends else before
    for end in ends[1:]:
        names = _joined(names, end)
    frame.scope.names = names
    return bool(ends)


def _for(machine: Machine, node: ast.For, frame: Frame) -> bool:
    elements = elements_of(machine, machine.evaluate(node.iter, frame), node.iter, frame)

    def turn() -> bool:
        _bind(machine, node.target, elements, node.iter, frame)
        return machine.execute(node.body, frame)

    _loop(machine, frame, turn, is_endless=False)
    return machine.execute(node.orelse, frame)


def _async_for(machine: Machine, node: ast.AsyncFor, frame: Frame) -> bool:
    elements = async_elements_of(machine, machine.evaluate(node.iter, frame), node.iter, frame)

    def turn() -> bool:
        _bind(machine, node.target, elements, node.iter, frame)
        return machine.execute(node.body, frame)

    _loop(machine, frame, turn, is_endless=False)
    return machine.execute(node.orelse, frame)


def _while(machine: Machine, node: ast.While, frame: Frame) -> bool:
    known = known_truth(node.test)
    if known is False:
        return machine.execute(node.orelse, frame)

    def turn() -> bool:
        if known is None:
            truth(machine, machine.evaluate(node.test, frame), node.test, frame)
            narrowed(machine, node.test, frame, holds=True)
        return machine.execute(node.body, frame)

    if not _loop(machine, frame, turn, is_endless=known is True):
        return False
    narrowed(machine, node.test, frame, holds=False)
    return machine.execute(node.orelse, frame)


def _break(_: Machine, __: ast.Break, frame: Frame) -> bool:
    if frame.exits:
        frame.exits[-1].append(dict(frame.scope.names))
    return False


def _try(machine: Machine, node: ast.Try, frame: Frame) -> bool:
    before = dict(frame.scope.names)
    falls = machine.execute(node.body, frame)
    after_body = frame.scope.names
    if falls:
        falls = machine.execute(node.orelse, frame)
    ends = [frame.scope.names] if falls else []
    in_handlers = _joined(before, after_body)
    for handler in node.handlers:
        if _is_never_reached(handler, node, machine, frame):
            continue
        frame.scope.names = dict(in_handlers)
        if handler.name is not None:
            frame.scope.names[handler.name] = UNKNOWN
        if machine.execute(handler.body, frame):
            ends.append(frame.scope.names)
    names = ends[0] if ends else in_handlers
    for end in ends[1:]:
        names = _joined(names, end)
    frame.scope.names = names
    return machine.execute(node.finalbody, frame) and bool(ends)


_ASKING_FOR_THE_LOOP = frozenset({"asyncio.get_running_loop", "asyncio.current_task", "sniffio.current_async_library"})


def _is_never_reached(handler: ast.ExceptHandler, node: ast.Try, machine: Machine, frame: Frame) -> bool:
    """Tell whether a handler is for the case that no loop runs: async code never comes there."""
    if len(node.body) != 1 or handler.type is None:
        return False
    names = {ast.unparse(handler.type).rpartition(".")[2]}
    if isinstance(handler.type, ast.Tuple):
        names = {ast.unparse(each_type).rpartition(".")[2] for each_type in handler.type.elts}
    if not names <= {"RuntimeError", "AsyncLibraryNotFoundError", "NoEventLoopError"}:
        return False
    for each_node in ast.walk(node.body[0]):
        if isinstance(each_node, ast.Call):
            value = machine.evaluate(each_node.func, frame.aside())
            if isinstance(value, External) and value.name in _ASKING_FOR_THE_LOOP:
                return True
    return False


def _with(machine: Machine, node: ast.With, frame: Frame) -> bool:
    granted = 0
    swallows = False
    for item in node.items:
        value = machine.evaluate(item.context_expr, frame)
        grant = grant_of(value)
        if grant is not None:
            frame.grants.append(grant[0])
            granted += 1
            continue
        swallows = swallows or _may_swallow(value)
        _block_lock(machine, value, item.context_expr, node, frame)
        inside = entered(machine, value, item.context_expr, frame)
        if item.optional_vars is not None:
            _bind(machine, item.optional_vars, inside, item.context_expr, frame)
    falls = machine.execute(node.body, frame)
    for _ in range(granted):
        frame.grants.pop()
    return falls or swallows


def _block_lock(machine: Machine, value: Value, node: ast.expr, statement: ast.With, frame: Frame) -> None:
    """Note a lock of threads that is held while the loop runs other tasks: one of them may wait for it."""
    for member in each(value):
        if isinstance(member, Instance) and isinstance(member.cls, External) and member.cls.name in LOCKS:
            rule = machine.rules.of(f"{member.cls.name}.__enter__")
            is_held = any(isinstance(inner, ast.Await) for part in statement.body for inner in ast.walk(part))
            if rule is not None and is_held:
                block(frame, node, rule)


def _may_swallow(value: Value) -> bool:
    return any(
        isinstance(member, Unknown | Generator)
        or (
            isinstance(member, Instance)
            and member.cls in (External("contextlib.suppress"), External("contextlib.ExitStack"))
        )
        for member in each(value)
    )


def _async_with(machine: Machine, node: ast.AsyncWith, frame: Frame) -> bool:
    granted = 0
    for item in node.items:
        value = machine.evaluate(item.context_expr, frame)
        grant = grant_of(value)
        if grant is not None:
            frame.grants.append(grant[0])
            granted += 1
            continue
        inside = _entered_async(machine, value, item.context_expr, frame)
        if item.optional_vars is not None:
            _bind(machine, item.optional_vars, inside, item.context_expr, frame)
    machine.execute(node.body, frame)
    falls = True
    for _ in range(granted):
        frame.grants.pop()
    return falls


def _entered_async(machine: Machine, value: Value, node: ast.expr, frame: Frame) -> Value:
    found: list[Value] = []
    for member in each(value):
        if isinstance(member, Generator):
            found.append(member.elements)
        elif isinstance(member, Instance) and isinstance(member.cls, ClassValue):
            result = machine.call_method(member, "__aenter__", Arguments(), frame, node)
            machine.call_method(member, "__aexit__", Arguments((NOTHING, NOTHING, NOTHING)), frame, node)
            if isinstance(result, Awaitable):
                found.append(result.result)
        elif isinstance(member, Instance):
            found.append(member)
    known = [member for member in found if not isinstance(member, Unknown)]
    return join(*known) if known else UNKNOWN


def _function(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> bool:
    local = frame.function.removeprefix(f"{frame.module.name}.")
    closure = Closure(frame.module, f"{local}.<locals>.{node.name}", node, frame.scope, frame.owner)
    if isinstance(node, ast.AsyncFunctionDef):
        frame.closures.append(closure)
    frame.scope.bind(node.name, decorated(machine, closure, node, frame))
    return True


def _class(machine: Machine, node: ast.ClassDef, frame: Frame) -> bool:
    local = frame.function.removeprefix(f"{frame.module.name}.")
    cls = ClassValue(frame.module, f"{local}.<locals>.{node.name}", frame.scope, node)
    for statement in node.body:
        if isinstance(statement, ast.AsyncFunctionDef):
            frame.closures.append(
                Closure(frame.module, f"{cls.qualname}.{statement.name}", statement, frame.scope, cls)
            )
    frame.scope.bind(node.name, decorated(machine, cls, node, frame))
    return True


def _import(machine: Machine, node: ast.Import, frame: Frame) -> bool:
    for alias in node.names:
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        frame.scope.bind(alias.asname or name, imported(machine, name, frame))
    return True


def _import_from(machine: Machine, node: ast.ImportFrom, frame: Frame) -> bool:
    for alias in node.names:
        if alias.name != "*":
            frame.scope.bind(alias.asname or alias.name, imported_from(machine, node, alias.name, frame))
    return True


def _global(machine: Machine, node: ast.Global, frame: Frame) -> bool:
    for name in node.names:
        value = of_module(machine, frame.module, name, frame)
        if value is not None:
            frame.scope.names.setdefault(name, value)
    return True


def _nonlocal(_: Machine, node: ast.Nonlocal, frame: Frame) -> bool:
    for name in node.names:
        scope: Scope | None = frame.scope.parent
        while scope is not None and name not in scope.names:
            scope = scope.parent
        if scope is not None:
            frame.scope.nonlocals[name] = scope
    return True


def _match(machine: Machine, node: ast.Match, frame: Frame) -> bool:
    subject = machine.evaluate(node.subject, frame)
    before = frame.scope.names
    ends: list[_Names] = []
    is_exhausted = False
    for case in node.cases:
        frame.scope.names = dict(before)
        _bind_pattern(machine, case.pattern, subject, node.subject, frame)
        if case.guard is not None:
            truth(machine, machine.evaluate(case.guard, frame), case.guard, frame)
        if machine.execute(case.body, frame):
            ends.append(frame.scope.names)
        is_exhausted = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
    if not is_exhausted:
        ends.append(before)
    names = ends[0] if ends else before
    for end in ends[1:]:
        names = _joined(names, end)
    frame.scope.names = names
    return bool(ends)


def _bind_pattern(machine: Machine, pattern: ast.pattern, value: Value, node: ast.expr, frame: Frame) -> None:
    if isinstance(pattern, ast.MatchAs):
        if pattern.pattern is not None:
            value = _matched(machine, pattern.pattern, value, frame)
            _bind_pattern(machine, pattern.pattern, value, node, frame)
        if pattern.name is not None:
            frame.scope.names[pattern.name] = value
            if isinstance(node, ast.Name) and pattern.pattern is not None:
                frame.scope.names[node.id] = value
    elif isinstance(pattern, ast.MatchClass):
        matched = _matched(machine, pattern, value, frame)
        if isinstance(node, ast.Name):
            frame.scope.names[node.id] = matched
        for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
            _bind_pattern(machine, inner, machine.attribute(matched, name, node, frame), pattern.cls, frame)
    elif isinstance(pattern, ast.MatchSequence):
        for index, inner in enumerate(pattern.patterns):
            part = unpacked(machine, value, (index,), node, frame if index == 0 else frame.aside())
            _bind_pattern(machine, inner, part, ast.Constant(None), frame)
    elif isinstance(pattern, ast.MatchOr):
        for inner in pattern.patterns:
            _bind_pattern(machine, inner, value, ast.Constant(None), frame)
    elif isinstance(pattern, ast.MatchValue) and isinstance(value, Instance):
        machine.evaluate(pattern.value, frame)
        machine.call_method(value, "__eq__", Arguments((UNKNOWN,)), frame, pattern.value)


def _matched(machine: Machine, pattern: ast.pattern, value: Value, frame: Frame) -> Value:
    if not isinstance(pattern, ast.MatchClass):
        return value
    cls = machine.evaluate(pattern.cls, frame)
    if not isinstance(cls, (ClassValue, External)):
        return UNKNOWN
    kept = [
        member for member in each(value) if isinstance(member, Instance) and machine.is_derived(member.cls, cls, frame)
    ]
    return join(*kept) if kept else Instance(cls)


_HANDLERS: dict[type[ast.stmt], Callable[..., bool]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Delete: _delete,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _async_for,
    ast.While: _while,
    ast.Break: _break,
    ast.Continue: lambda *_: False,
    ast.Try: _try,
    ast.With: _with,
    ast.AsyncWith: _async_with,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Match: _match,
}
if hasattr(ast, "TryStar"):
    _HANDLERS[ast.TryStar] = _try
