"""Replace a framework's own guard decorator, for functions marked already and for those marked later."""

# ruff: noqa: ANN401 - a decorator accepts and returns any callable

from __future__ import annotations

import functools
import sys
from inspect import CO_VARARGS
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from ginger_async_safe._runtime.heap import referrers
from ginger_async_safe.asgi.workers import add_ending, remove_ending
from ginger_async_safe.contrib._entries import entry_of
from ginger_async_safe.contrib._fixes import PASSES_ON, fix
from ginger_async_safe.decorators import GuardedCallable, guarded, qualified_name
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.policy import add_explanation, escape_hatch, remove_explanation
from ginger_async_safe.violation import BARE_MESSAGE, GuardedCall, Marking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ginger_async_safe.contrib._framework import Framework

__all__ = ["Takeover"]

_FILE = "<ginger_async_safe takes over>"  # marks frames of this library, which reports omit


class Takeover:
    """Replaces a framework's guard by this library's.

    The framework's decorator keeps its identity, and so does each function that it has returned; only their code is
    replaced, so that existing references call this library's guard. Where such a function is a class attribute, it is
    replaced by this library's wrapper directly, which is faster.

    Args:
        framework: The framework.
    """

    def __init__(self, framework: Framework) -> None:
        self._framework = framework
        self._marking = Marking(
            framework.error,
            functools.partial(fix, framework.package),
            PASSES_ON,
            entry=functools.partial(entry_of, framework.package),
        )
        self._undo: list[Callable[[], None]] = []
        self.calls: set[str] = set()
        """The qualified names of the guarded functions."""

    def async_unsafe(self, message: Any) -> Any:
        """Mark a function, like the framework's own decorator, with or without a message.

        Args:
            message: The function; or the first line of the error.
        """
        if callable(message):
            return self._guarded(message, None)
        return functools.partial(self._guarded, message=str(message))

    def install(self) -> None:
        """Replace the guard of functions that are marked already, and the decorator. A second call has no effect.

        Raises:
            ConfigurationError: Where the installed version of the framework implements the decorator in an unknown way.
        """
        if self._undo:
            return
        theirs: FunctionType = self._framework.module("utils.asyncio").async_unsafe
        marked = _code_of_marked(theirs.__code__)
        if marked is None or theirs.__code__.co_argcount != 1:
            msg = (
                f"{self._framework.title} {self._framework.version} marks functions in a way that "
                f"{self._framework.door} does not know; remove it from INSTALLED_APPS, and tell its developers"
            )
            raise ConfigurationError(msg)
        escape_hatch.take_over(self._framework.hatch, self._framework.title)
        add_explanation(self._rows)
        self._undo.append(functools.partial(remove_explanation, self._rows))
        close_all = self._framework.module("db").connections.close_all
        add_ending(close_all)  # a leased thread closes its connections before it ends
        self._undo.append(functools.partial(remove_ending, close_all))
        for function in referrers([marked], [FunctionType]):
            if function.__code__ is marked:
                self._take_over(function)
        self._exchange_code(theirs, _redirecting(theirs, self._framework.door))
        escape_hatch.allowed_by_hatch()  # warn now of a value that the framework reads differently

    def uninstall(self) -> None:
        """Restore the framework's own guard."""
        while self._undo:
            self._undo.pop()()
        escape_hatch.give_back(self._framework.hatch)
        self.calls.clear()

    def _guarded(self, function: Any, message: str | None) -> Any:
        try:
            ours = guarded(function, message=message, marking=self._marking)
        except TypeError:  # guarded() refuses it, but the framework's decorator accepts everything
            mark = GuardedCall(qualified_name(function), message or BARE_MESSAGE, marking=self._marking)
            ours = GuardedCallable(function, mark)
        self.calls.add(qualified_name(function))
        return ours

    def _take_over(self, function: Any) -> None:
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        target = next(name for name, cell in cells.items() if cell.cell_contents is function.__wrapped__)
        message = next(cell.cell_contents for name, cell in cells.items() if name != target)
        ours = self._guarded(function.__wrapped__, str(message))
        home = _class_of(function)
        if home is not None:
            setattr(home, function.__name__, ours)
            self._undo.append(functools.partial(setattr, home, function.__name__, function))
        self._exchange_code(function, _passing_on(function.__code__.co_freevars, target))
        cells[target].cell_contents = ours
        self._undo.append(functools.partial(setattr, cells[target], "cell_contents", function.__wrapped__))

    def _exchange_code(self, function: FunctionType, code: CodeType) -> None:
        self._undo.append(functools.partial(setattr, function, "__code__", function.__code__))
        function.__code__ = code

    def _rows(self) -> Iterator[tuple[str, str]]:
        for name in sorted(self.calls):
            yield f"{self._framework.package} call", f"{name}   guarded by {self._framework.door}"


def _code_of_marked(code: CodeType) -> CodeType | None:
    """Return the code shared by all functions that a decorator returns: the innermost code object inside it."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    found = (_code_of_marked(each) for each in inner)
    own = code if not inner and code.co_flags & CO_VARARGS and len(code.co_freevars) > 1 else None
    return next(filter(None, found), own)


def _passing_on(names: tuple[str, ...], target: str) -> CodeType:
    """Return code that only calls the value of the variable ``target``.

    A function's code can be replaced only by code with as many free variables, so the new code refers to all of them.
    """
    source = (
        f"def factory({', '.join(names)}):\n"
        f"    def inner(*args, **kwargs):\n"
        f"        ({', '.join(names)},)\n"
        f"        return {target}(*args, **kwargs)\n"
        f"    return inner\n"
    )
    code: CodeType = _run(source)["factory"](*names).__code__
    return code


def _redirecting(decorator: FunctionType, door: str) -> CodeType:
    """Return code for the framework's decorator that calls ours."""
    parameter = decorator.__code__.co_varnames[0]
    source = (
        f"def async_unsafe({parameter}):\n    from {door} import async_unsafe\n    return async_unsafe({parameter})\n"
    )
    code: CodeType = _run(source)["async_unsafe"].__code__
    return code


def _run(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(compile(source, _FILE, "exec"), namespace)  # noqa: S102 - of names that are parameters already
    return namespace


def _class_of(function: FunctionType) -> type | None:
    """Return the class that a function is an attribute of, found by the function's qualified name; else ``None``."""
    found: Any = sys.modules.get(function.__module__)
    for part in function.__qualname__.split(".")[:-1]:
        found = getattr(found, part, None)
    return found if isinstance(found, type) and vars(found).get(function.__name__) is function else None
