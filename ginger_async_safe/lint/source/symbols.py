"""Symbols: the names that a module or class binds, and to what."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.lint.source.static_tests import is_for_types, known_truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias

    Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

__all__ = [
    "TYPE_ALIAS",
    "Binding",
    "BindingKind",
    "Symbols",
    "assigned_in_functions",
    "called_at_import",
    "definitions",
    "symbols_of",
    "targets_of",
]


TYPE_ALIAS: type[ast.stmt] | None = getattr(ast, "TypeAlias", None)
"""The ``type`` statement, which Python has since 3.12."""


class BindingKind(Enum):
    """How a name is bound.

    Attributes:
        IMPORT: To what a statement imports.
        DEFINITION: To the function or class that a statement defines.
        VALUE: To the value of an expression, or to a part of it.
        ELEMENT: To each element of an iterable, by ``for``.
        ENTERED: To what entering a context manager gives, by ``with``.
        ANNOTATION: To nothing yet: it is only annotated.
        ALIAS: To the type that a ``type`` statement names.
    """

    IMPORT = "import"
    DEFINITION = "definition"
    VALUE = "value"
    ELEMENT = "element"
    ENTERED = "entered"
    ANNOTATION = "annotation"
    ALIAS = "alias"


class Binding(NamedTuple):
    """One place where a name is bound.

    Attributes:
        kind: How it is bound.
        node: The statement, or the expression of what is bound.
        path: The indices of the name in what is unpacked, from outside in.
        name: For imports, what is imported.
        annotation: What the name is annotated with.
        is_certain: Whether it replaces earlier bindings, since it is not in a branch.
        is_for_types: Whether it is for type checkers alone.
    """

    kind: BindingKind
    node: ast.AST
    path: tuple[int, ...] = ()
    name: str = ""
    annotation: ast.expr | None = None
    is_certain: bool = True
    is_for_types: bool = False


class Symbols(NamedTuple):
    """The names of a module or class.

    Attributes:
        bindings: What each name is bound to, in the order of the source.
        stars: What is imported with a star, in the order of the source.
        effects: The expression statements, which may register something.
        assignments: The assignments to items and attributes of names.
    """

    bindings: dict[str, list[Binding]]
    stars: list[ast.ImportFrom]
    effects: list[ast.expr]
    assignments: list[ast.Assign]


def symbols_of(body: Sequence[ast.stmt]) -> Symbols:
    """Return the names that the body of a module or class binds."""
    symbols = Symbols({}, [], [], [])
    _collect(body, symbols, is_certain=True, for_types=False)
    return symbols


def _collect(body: Sequence[ast.stmt], symbols: Symbols, *, is_certain: bool, for_types: bool) -> None:
    for statement in body:
        if isinstance(statement, ast.If):
            truth = known_truth(statement.test)
            types_only = is_for_types(statement.test)
            if truth is not False or types_only:
                _collect(
                    statement.body,
                    symbols,
                    is_certain=is_certain and truth is True,
                    for_types=for_types or types_only,
                )
            if truth is not True:
                _collect(statement.orelse, symbols, is_certain=is_certain and truth is False, for_types=for_types)
        elif isinstance(statement, ast.Expr):
            symbols.effects.append(statement.value)
        elif isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
            symbols.stars.append(statement)
        else:
            if isinstance(statement, ast.Assign) and any(
                isinstance(target, (ast.Subscript, ast.Attribute)) for target in statement.targets
            ):
                symbols.assignments.append(statement)
            for name, binding in _bound_by(statement):
                symbols.bindings.setdefault(name, []).append(
                    binding._replace(is_certain=is_certain, is_for_types=for_types)
                )
            for inner in _bodies(statement):
                _collect(inner, symbols, is_certain=False, for_types=for_types)


def _bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the bodies of a statement that are in the same scope."""
    if isinstance(statement, (ast.For, ast.AsyncFor, ast.While)):
        yield statement.body
        yield statement.orelse
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        yield statement.body
    elif isinstance(statement, ast.Try) or type(statement).__name__ == "TryStar":
        yield statement.body  # type: ignore[attr-defined]
        for handler in statement.handlers:  # type: ignore[attr-defined]
            yield handler.body
        yield statement.orelse  # type: ignore[attr-defined]
        yield statement.finalbody  # type: ignore[attr-defined]
    elif isinstance(statement, ast.Match):
        for case in statement.cases:
            yield case.body


def _bound_by(  # noqa: C901, PLR0912 - a branch for each kind of statement
    statement: ast.stmt,
) -> Iterator[tuple[str, Binding]]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name, Binding(BindingKind.DEFINITION, statement)
    elif isinstance(statement, ast.Import):
        for alias in statement.names:
            name = alias.asname or alias.name.partition(".")[0]
            yield name, Binding(BindingKind.IMPORT, statement, name=alias.name if alias.asname else name)
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name, Binding(BindingKind.IMPORT, statement, name=alias.name)
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _targets(target, BindingKind.VALUE, statement.value)
    elif isinstance(statement, ast.AnnAssign):
        if isinstance(statement.target, ast.Name):
            kind = BindingKind.ANNOTATION if statement.value is None else BindingKind.VALUE
            node = statement.value if statement.value is not None else statement
            yield statement.target.id, Binding(kind, node, annotation=statement.annotation)
    elif isinstance(statement, (ast.For, ast.AsyncFor)):
        yield from _targets(statement.target, BindingKind.ELEMENT, statement.iter)
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        for item in statement.items:
            if item.optional_vars is not None:
                yield from _targets(item.optional_vars, BindingKind.ENTERED, item.context_expr)
    elif TYPE_ALIAS is not None and isinstance(statement, TYPE_ALIAS):
        named: ast.Name = statement.name  # type: ignore[attr-defined]
        yield named.id, Binding(BindingKind.ALIAS, statement.value)  # type: ignore[attr-defined]


def _targets(target: ast.expr, kind: BindingKind, value: ast.expr) -> Iterator[tuple[str, Binding]]:
    for name, path in targets_of(target):
        yield name, Binding(kind, value, path)


def targets_of(target: ast.expr, path: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the names that a target binds, each with its indices in what is unpacked; -1 is the starred rest."""
    if isinstance(target, ast.Name):
        yield target.id, path
    elif isinstance(target, (ast.Tuple, ast.List)):
        for index, item in enumerate(target.elts):
            if isinstance(item, ast.Starred):
                yield from targets_of(item.value, (*path, -1))
            else:
                yield from targets_of(item, (*path, index))


def definitions(body: Iterable[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Yield the functions and classes of a module, those in classes too, with their qualified names."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield prefix + statement.name, statement
        elif isinstance(statement, ast.ClassDef):
            yield prefix + statement.name, statement
            yield from definitions(statement.body, f"{prefix}{statement.name}.")
        elif isinstance(statement, ast.If):
            yield from definitions((*statement.body, *statement.orelse), prefix)
        else:
            for inner in _bodies(statement):
                yield from definitions(inner, prefix)


def assigned_in_functions(tree: ast.Module) -> Iterator[tuple[str, Binding]]:
    """Yield what functions bind to names of the module, which they declare ``global``."""
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        names = {name for each in ast.walk(node) if isinstance(each, ast.Global) for name in each.names}
        if not names:
            continue
        for each in ast.walk(node):
            if isinstance(each, ast.stmt):
                for name, binding in _bound_by(each):
                    if name in names:
                        yield name, binding._replace(is_certain=False)


def called_at_import(body: Iterable[ast.stmt]) -> Iterator[str]:
    """Yield the names of what statements of a module call without arguments, whatever is in branches left out."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            defaults = [*statement.args.defaults, *filter(None, statement.args.kw_defaults)]
            yield from _called_in([*statement.decorator_list, *defaults])
        elif isinstance(statement, ast.ClassDef):
            yield from _called_in([*statement.decorator_list, *statement.bases])
            yield from called_at_import(statement.body)
        elif isinstance(statement, (ast.Try, ast.With)):
            yield from called_at_import(statement.body)
        elif isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign)) and statement.value is not None:
            yield from _called_in([statement.value])


def _called_in(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(
            node, (ast.Constant, ast.Name, ast.expr_context, ast.Lambda, ast.IfExp, ast.BoolOp, ast.GeneratorExp)
        ):
            continue
        if isinstance(node, ast.Call) and not node.args and not node.keywords and _is_dotted(node.func):
            yield ast.unparse(node.func)
        yield from _called_in(ast.iter_child_nodes(node))


def _is_dotted(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _is_dotted(node.value))
