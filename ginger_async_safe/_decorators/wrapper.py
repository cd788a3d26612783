"""A wrapper with the same signature as the function it guards, compiled once per signature.

It is used where the check cannot be put into the function's own code. A wrapper with ``*args`` and
``**kwargs`` would cost two to three times as much, and its errors would name the wrapper.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FILE", "set_probe", "wrapper_of"]

FILE = "<ginger_async_safe guard>"
"""The file name of wrappers in tracebacks."""

_globals: dict[str, Any] = {"__name__": __name__, "probe": None}
_lock = threading.Lock()  # decorators and rules both call this module, each under a lock of its own
_MODULE = re.compile(r"^\(\$module(, /)?(, )?")
_ANYTHING = "(*args, **keywords)"


def set_probe(probe: Callable[[], object | None]) -> None:
    """Set the probe of every wrapper, existing ones included."""
    with _lock:
        for variant in [each for each in _globals if each.rstrip("_") == "probe"]:
            _globals[variant] = probe


def wrapper_of(function: Callable[..., Any], refuse: Callable[[Any], None], mark: object) -> FunctionType:
    """Return a function that checks, then calls ``function``; it has the same signature.

    Args:
        function: A plain function, or a callable written in C. Where the latter has no known signature, the wrapper
            takes any arguments.
        refuse: Called with ``mark`` where a loop may be waiting.
        mark: The argument of ``refuse``.

    Raises:
        SyntaxError: Where the name of a parameter is not valid in source code.
    """
    declared = (
        function
        if isinstance(function, FunctionType)
        else _declared(getattr(function, "__text_signature__", None) or "")
    )
    code = declared.__code__
    names = code.co_varnames
    positional = code.co_argcount
    end = positional + code.co_kwonlyargcount
    has_rest = bool(code.co_flags & CO_VARARGS)
    make = _maker(
        names[: code.co_posonlyargcount],
        names[code.co_posonlyargcount : positional],
        names[end] if has_rest else None,
        names[positional:end],
        names[end + has_rest] if code.co_flags & CO_VARKEYWORDS else None,
    )
    wrapper = make(function, refuse, mark)
    wrapper.__defaults__ = declared.__defaults__
    wrapper.__kwdefaults__ = None if declared.__kwdefaults__ is None else dict(declared.__kwdefaults__)
    return wrapper


@lru_cache(maxsize=1024)
def _declared(text: str) -> FunctionType:
    """Return a Python function with the signature of a callable in C, or one that takes any arguments.

    Args:
        text: The ``__text_signature__``, in which ``$`` marks the bound argument: the module, or a method's object.
    """
    text = _MODULE.sub("(", text).replace("$", "")
    names: dict[str, Any] = {}
    try:
        exec(f"def declared{text or _ANYTHING}: pass", names)  # noqa: S102 - a signature from the interpreter
    except (SyntaxError, NameError):  # a default without a literal form
        exec(f"def declared{_ANYTHING}: pass", names)  # noqa: S102 - a constant
    declared: FunctionType = names["declared"]
    return declared


@lru_cache(maxsize=1024)
def _maker(
    positional_only: tuple[str, ...],
    positional: tuple[str, ...],
    rest: str | None,
    keyword_only: tuple[str, ...],
    keywords: str | None,
) -> Callable[[object, object, object], FunctionType]:
    """Compile a function that makes wrappers of one signature, without defaults.

    Each parameter is passed on by its own kind, by position or by keyword, so the function receives the same arguments.
    """
    declared = [*positional_only, *(["/"] if positional_only else []), *positional]
    passed = [*positional_only, *positional]
    if rest is not None:
        declared.append(f"*{rest}")
        passed.append(f"*{rest}")
    elif keyword_only:
        declared.append("*")
    declared += keyword_only
    passed += [f"{name}={name}" for name in keyword_only]
    if keywords is not None:
        declared.append(f"**{keywords}")
        passed.append(f"**{keywords}")
    taken = {*positional_only, *positional, *keyword_only, rest, keywords}
    function, mark, probe, refuse = (_free(name, taken) for name in ("function", "mark", "probe", "refuse"))
    with _lock:
        _globals.setdefault(probe, _globals["probe"])
    source = f"""
def make({function}, {refuse}, {mark}):
    def wrapper({", ".join(declared)}):
        if {probe}() is not None:
            {refuse}({mark})
        return {function}({", ".join(passed)})
    return wrapper
"""
    names: dict[str, Any] = {}
    exec(compile(source, FILE, "exec"), _globals, names)  # noqa: S102 - only parameter names go in, and they are identifiers
    make: Callable[[object, object, object], FunctionType] = names["make"]
    return make


def _free(name: str, taken: set[str | None]) -> str:
    while name in taken:
        name += "_"
    return name
