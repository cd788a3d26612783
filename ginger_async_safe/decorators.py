"""``@async_unsafe``: mark callables that must not run in an async context."""

# ruff: noqa: ANN401 - a decorator takes and returns what only its overloads can type

from __future__ import annotations

import functools
import inspect
import threading
import weakref
from types import FunctionType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, ParamSpec, Protocol, TypeVar, cast, overload

from ginger_async_safe import detect
from ginger_async_safe._decorators.bytecode import with_check, with_code
from ginger_async_safe._decorators.callables import GuardedCallable, GuardedGeneratorFunction, copy_metadata
from ginger_async_safe._decorators.wrapper import set_probe, wrapper_of
from ginger_async_safe._runtime.failures import containing
from ginger_async_safe.policy import enforce
from ginger_async_safe.violation import BARE_MESSAGE, GuardedCall

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from ginger_async_safe.violation import Marking

    _Descriptor = TypeVar(
        "_Descriptor",
        bound=property
        | classmethod[Any, Any, Any]
        | staticmethod[Any, Any]
        | functools.cached_property[Any]
        | functools.partialmethod[Any],
    )

__all__ = [
    "CHECKING_MODULES",
    "GuardedCallable",
    "async_unsafe",
    "copy_metadata",
    "guarded",
    "qualified_name",
    "set_probe",
    "with_check",
    "wrapper_of",
]

CHECKING_MODULES: frozenset[str] = frozenset({GuardedCallable.__module__, wrapper_of.__module__})
"""The modules whose functions check a call and then make it, so that they are on its stack."""

_P = ParamSpec("_P")
_R = TypeVar("_R")
_Class = TypeVar("_Class", bound=type)
_Kind = Literal["function", "get", "set", "delete"]

_NOT_GIVEN = object()  # the default of a parameter for which None is a value
_DESCRIPTORS = (classmethod, staticmethod, property, functools.cached_property, functools.partialmethod)


class _Decorator(Protocol):
    """What ``async_unsafe("message")`` returns."""

    @overload
    def __call__(self, target: _Descriptor, /) -> _Descriptor: ...  # type: ignore[overload-overlap] # a staticmethod is callable too
    @overload
    def __call__(self, target: Callable[_P, _R], /) -> Callable[_P, _R]: ...


class AsyncUnsafe:
    """Mark a callable that must not run in an async context, where a running event loop waits for it.

    Use it as ``@async_unsafe``, ``@async_unsafe("message")`` or ``@async_unsafe(message=…, fix=…)``. It takes
    functions, generator functions, methods, class methods and static methods (in either order), properties,
    ``functools.partial`` objects and builtins. For methods of a class see :meth:`guard`.

    Called in an async context, the callable raises
    :class:`~ginger_async_safe.SynchronousOnlyOperation` before it runs, or does what the policy says.
    A generator is checked at its call and at each resumption. Outside an async context the call runs
    unchanged; for a plain function on CPython 3.11 to 3.15 the check costs as much as one written by hand in its first
    line, as long as the program has imported no other event loop library than asyncio, such as trio.

    Args:
        message: The first line of the error, a string; by default the standard sentence.
        fix: What to write in async code instead, a string; reported as the violation's fix. By default the fix is
            derived from the call.

    Raises:
        TypeError: At decoration, for an ``async def`` function, an async generator function, a
            class, or an object that cannot be called; and for a ``message`` or ``fix`` that is not a string.
    """

    @overload
    def __call__(self, target: _Descriptor, /) -> _Descriptor: ...  # type: ignore[overload-overlap] # a staticmethod is callable too
    @overload
    def __call__(self, target: Callable[_P, _R], /) -> Callable[_P, _R]: ...
    @overload
    def __call__(self, message: str, /, *, fix: str | None = None) -> _Decorator: ...
    @overload
    def __call__(self, /, *, message: str | None = None, fix: str | None = None) -> _Decorator: ...

    def __call__(self, target: object = _NOT_GIVEN, /, *, message: str | None = None, fix: str | None = None) -> Any:
        for name, text in (("message", message), ("fix", fix)):
            if text is not None and not isinstance(text, str):
                wrong = f"{name} of async_unsafe must be a string, not {_with_article(text)}"
                raise TypeError(wrong)
        if target is _NOT_GIVEN:
            return functools.partial(guarded, message=message, fix=fix)
        if isinstance(target, str):
            return functools.partial(guarded, message=target or message, fix=fix)
        if message is not None or fix is not None:
            text = "async_unsafe takes message and fix before the function: @async_unsafe(message=..., fix=...)"
            raise TypeError(text)
        return guarded(target)

    def guard(self, cls: _Class, /, *names: str, message: str | None = None, fix: str | None = None) -> _Class:
        """Mark methods of a class by name, inherited ones included, for this class and its subclasses.

        Args:
            cls: The class. It is changed in place.
            names: The names of methods, properties or other callables of the class.
            message: The first line of the errors; by default the standard sentence.
            fix: What to write in async code instead; by default derived from the call.

        Returns:
            The class.

        Raises:
            TypeError: Where ``cls`` is not a class or cannot be changed, where no name is given, or where an attribute
                cannot be guarded. Nothing is changed then.
            AttributeError: Where the class has no such attribute. Nothing is changed then.
        """
        if not isinstance(cls, type):
            text = f"async_unsafe.guard takes a class and names of its methods, not {_with_article(cls)}"
            raise TypeError(text)
        if not names:
            text = f'name the methods to guard: async_unsafe.guard({cls.__name__}, "connect", "cursor")'
            raise TypeError(text)
        found = {name: _class_attribute(cls, name) for name in names}
        replacements = {
            name: guarded(value, message, fix, name=f"{cls.__module__}.{cls.__qualname__}.{name}")
            for name, value in found.items()
        }
        for name, value in replacements.items():
            try:
                setattr(cls, name, value)
            except TypeError:
                text = f"{cls.__qualname__} is written in C and cannot be changed; guard a subclass of it instead"
                raise TypeError(text) from None
            if isinstance(value, functools.cached_property):
                value.__set_name__(cls, name)
        return cls

    def __repr__(self) -> str:
        return "ginger_async_safe.async_unsafe"


async_unsafe: AsyncUnsafe = AsyncUnsafe()


class _Guarded(NamedTuple):
    """The original code and the call of a guarded function. Not the function: a recursive one would never be freed."""

    code: CodeType
    mark: GuardedCall


_lock = threading.Lock()
_guarded: weakref.WeakKeyDictionary[FunctionType, _Guarded] = weakref.WeakKeyDictionary()
set_probe(detect.probe)


def guarded(  # noqa: PLR0913 - each is part of the violation's record
    target: Any,
    message: str | None = None,
    fix: str | None = None,
    *,
    name: str | None = None,
    kind: _Kind = "function",
    marking: Marking | None = None,
) -> Any:
    """Return ``target`` guarded: a descriptor or callable of the same kind.

    Args:
        target: What to guard.
        message: The first line of the error, or ``None`` for the standard sentence.
        fix: What to write in async code instead, or ``None`` to derive it from the call.
        name: The qualified name to report, where it is not the target's own.
        kind: What a plain function implements: itself, or a property's getter, setter or deleter.
        marking: The error and fixes of the framework that marks it, or ``None``.

    Raises:
        TypeError: Where ``target`` cannot be guarded.
    """
    again = functools.partial(guarded, message=message, fix=fix, name=name, marking=marking)
    if isinstance(target, _DESCRIPTORS):
        return _guarded_descriptor(target, again)
    if isinstance(target, functools.partial) and inspect.isgeneratorfunction(target):  # the result is one too
        return type(target)(again(target.func), *target.args, **target.keywords)
    inner = _mark_of(target)
    if inner is not None:  # decorated twice: one check; the outer decorator's arguments win
        message = message or inner.message
        fix = fix or inner.fix
        marking = marking or inner.marking
        target = cast("Any", target).__wrapped__
    _refuse_unfit(target)
    mark = GuardedCall(
        name=name or qualified_name(target),
        message=message or BARE_MESSAGE,
        fix=fix,
        kind="generator" if inspect.isgeneratorfunction(target) else kind,
        marking=marking,
    )
    _watch_imports()
    if mark.kind == "generator":
        return GuardedGeneratorFunction(target, mark)
    if isinstance(target, FunctionType):
        return _guarded_function(target, mark)
    return GuardedCallable(target, mark)


def _guarded_descriptor(target: Any, guard: Callable[..., Any]) -> Any:
    """Return a descriptor of the same kind around guarded functions."""
    if isinstance(target, functools.cached_property):
        cached = type(target)(guard(target.func, kind="get"))
        cached.__doc__ = target.__doc__
        return cached
    if isinstance(target, functools.partialmethod):
        return type(target)(guard(target.func), *target.args, **target.keywords)
    if not isinstance(target, property):
        return type(target)(guard(target.__func__))
    if target.fget is not None:
        target = target.getter(guard(target.fget, kind="get"))
    if target.fset is not None:
        target = target.setter(guard(target.fset, kind="set"))
    if target.fdel is not None:
        target = target.deleter(guard(target.fdel, kind="delete"))
    return target


def _guarded_function(function: FunctionType, mark: GuardedCall) -> Callable[..., Any]:
    """Return a function with a check at its start: in its own code where possible, else in a wrapper."""
    with _lock:
        guarded = _checked_in_code(function, mark) or _checked_by_wrapper(function, mark)
        if guarded is None:
            return GuardedCallable(function, mark)
        copy_metadata(guarded, function)
        _guarded[guarded] = _Guarded(function.__code__, mark)
    return guarded


def _checked_in_code(function: FunctionType, mark: GuardedCall) -> FunctionType | None:
    """Return a function with the check in its own code, or ``None`` where that is not possible."""
    with containing(f"putting the check into the code of {mark.name}", but="it is guarded by a wrapper"):
        code = with_check(function.__code__, detect.probe, enforce, mark)
        return None if code is None else with_code(function, code)
    return None


def _checked_by_wrapper(function: FunctionType, mark: GuardedCall) -> FunctionType | None:
    """Return a function that checks, and then calls ``function``, or ``None`` where that is not possible."""
    with containing(f"making a wrapper of {mark.name}", but="an object guards it"):
        try:
            return wrapper_of(function, enforce, mark)
        except SyntaxError:  # parameter names that are not valid in source, as in generated code
            return None
    return None


@functools.cache
def _watch_imports() -> None:
    """Update all guards when the probe of detection changes. No import is watched before the first guard exists."""
    detect.watch_imports(_update_guards)


def _update_guards() -> None:
    """Put the current probe of detection into every guard."""
    with _lock:
        set_probe(detect.probe)
        for function, original in list(_guarded.items()):
            code = with_check(original.code, detect.probe, enforce, original.mark)
            if code is not None:  # else the function is a wrapper
                function.__code__ = code


def _mark_of(target: object) -> GuardedCall | None:
    """Return the guarded call of a guard, or ``None`` where ``target`` is not a guard."""
    if isinstance(target, GuardedCallable):
        return target.mark
    if isinstance(target, FunctionType) and (original := _guarded.get(target)) is not None:
        return original.mark
    return None


def _refuse_unfit(target: Any) -> None:
    """Raise TypeError for a target that cannot be guarded, with what to do instead."""
    function = _without_partials(target)
    callables = (function, type(function).__call__) if callable(target) else ()
    if not callable(target):
        text = (
            f"async_unsafe cannot guard {_with_article(target)}, which cannot be called; "
            "put it above a function, a method, a property, a class method or a static method"
        )
    elif isinstance(target, type):
        text = (
            f"async_unsafe cannot guard the class {target.__qualname__} as a whole; "
            f'name its methods: async_unsafe.guard({target.__qualname__}, "method")'
        )
    elif any(map(_is_coroutine_function, callables)):
        text = (
            f"async_unsafe cannot guard the coroutine function {qualified_name(target)}: it runs on the event loop "
            "by design; put async_unsafe on the sync function that blocks, and await that through sync_to_async"
        )
    elif any(map(inspect.isasyncgenfunction, callables)):
        text = (
            f"async_unsafe cannot guard the async generator function {qualified_name(target)}: it runs on the event "
            "loop by design; put async_unsafe on the sync function that blocks"
        )
    else:
        return
    raise TypeError(text)


def _is_coroutine_function(function: Any) -> bool:
    """Return whether a function is a coroutine function: by ``async def``, or by ``types.coroutine``."""
    flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
    return inspect.iscoroutinefunction(function) or bool(flags & inspect.CO_ITERABLE_COROUTINE)


def _without_partials(target: Any) -> Any:
    while isinstance(target, functools.partial):
        target = target.func
    return target


def qualified_name(target: Any) -> str:
    """Return a callable's module, class and function, joined by dots; for a partial, those of its function."""
    target = _without_partials(target)
    named = target if hasattr(target, "__qualname__") else type(target)
    home = getattr(named, "__objclass__", named)  # a method of a C class has __objclass__ instead of a module
    if getattr(home, "__module__", None) is None:  # a bound one has __self__
        instance = getattr(named, "__self__", None)
        home = instance if isinstance(instance, type) else type(instance)
    return f"{home.__module__}.{named.__qualname__}"


def _class_attribute(cls: type, name: str) -> Any:
    """Return a class's attribute without binding descriptors, looked up along the MRO."""
    for each in cls.__mro__:
        if name in vars(each):
            return vars(each)[name]
    text = f"{cls.__qualname__} has no {name!r} to guard"
    raise AttributeError(text)


def _with_article(value: object) -> str:
    kind = type(value).__name__
    return f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
