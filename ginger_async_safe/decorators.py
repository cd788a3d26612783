"""``@async_unsafe``: mark what must not run where an event loop waits for it."""

# ruff: noqa: ANN401 - a decorator takes and returns what only its overloads can type

from __future__ import annotations

import functools
import inspect
import threading
import weakref
from types import FunctionType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, ParamSpec, Protocol, TypeVar, cast, overload

from ginger_async_safe import _wrapper, detect
from ginger_async_safe._bytecode import with_check, with_code
from ginger_async_safe._callables import GuardedCallable, GuardedGeneratorFunction
from ginger_async_safe.policy import enforce
from ginger_async_safe.violation import BARE_MESSAGE, GuardedCall

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from ginger_async_safe.violation import Owner

    _Descriptor = TypeVar(
        "_Descriptor",
        bound=property
        | classmethod[Any, Any, Any]
        | staticmethod[Any, Any]
        | functools.cached_property[Any]
        | functools.partialmethod[Any],
    )

__all__ = ["async_unsafe", "guarded", "qualified_name"]

_P = ParamSpec("_P")
_R = TypeVar("_R")
_Class = TypeVar("_Class", bound=type)
_Kind = Literal["function", "get", "set", "delete"]

_LATER = object()  # async_unsafe was given no callable yet
_DESCRIPTORS = (classmethod, staticmethod, property, functools.cached_property, functools.partialmethod)


class _Decorator(Protocol):
    """What ``async_unsafe("message")`` returns."""

    @overload
    def __call__(self, target: _Descriptor, /) -> _Descriptor: ...  # type: ignore[overload-overlap] # a staticmethod is callable too
    @overload
    def __call__(self, target: Callable[_P, _R], /) -> Callable[_P, _R]: ...


class AsyncUnsafe:
    """Mark a callable that must not run where an event loop waits for it.

    Use it as ``@async_unsafe``, ``@async_unsafe("message")`` or ``@async_unsafe(message=…, use=…)``. It takes
    functions, generator functions, methods, class methods and static methods (in either order), properties,
    ``functools.partial`` objects and builtins. For methods of a class see :meth:`guard`.

    Called in an async context, the callable raises
    :class:`~ginger_async_safe.SynchronousOnlyOperation` before it runs, or does what the policy says.
    A generator is checked at its call and at each resumption. Everywhere else the call passes on
    unchanged; for a plain function on CPython 3.11 to 3.13 that costs what a check written by hand in its first line
    would cost, as long as the program has not imported trio.

    Args:
        message: What the error says first.
        use: The way to say it in async code; the error ends with it.

    Raises:
        TypeError: At decoration, for an ``async def`` function, an async generator function, a
            class, or what cannot be called.
    """

    @overload
    def __call__(self, target: _Descriptor, /) -> _Descriptor: ...  # type: ignore[overload-overlap] # a staticmethod is callable too
    @overload
    def __call__(self, target: Callable[_P, _R], /) -> Callable[_P, _R]: ...
    @overload
    def __call__(self, message: str, /, *, use: str | None = None) -> _Decorator: ...
    @overload
    def __call__(self, /, *, message: str | None = None, use: str | None = None) -> _Decorator: ...

    def __call__(self, target: object = _LATER, /, *, message: str | None = None, use: str | None = None) -> Any:
        for name, text in (("message", message), ("use", use)):
            if text is not None and not isinstance(text, str):
                wrong = f"{name} of async_unsafe is text, not {_article(text)}"
                raise TypeError(wrong)
        if target is _LATER:
            return functools.partial(guarded, message=message, use=use)
        if isinstance(target, str):
            return functools.partial(guarded, message=target or message, use=use)
        if message is not None or use is not None:
            text = "async_unsafe takes message and use before the function: @async_unsafe(message=..., use=...)"
            raise TypeError(text)
        return guarded(target)

    def guard(self, cls: _Class, /, *names: str, message: str | None = None, use: str | None = None) -> _Class:
        """Mark methods of a class by name, those it inherits among them, for this class and its subclasses.

        Args:
            cls: The class. It is changed in place.
            names: The names of methods, properties or other callables of the class.
            message: What the errors say first.
            use: The way to say it in async code.

        Returns:
            The class.

        Raises:
            TypeError: Where ``cls`` is no class that can be changed, no name is given, or one names
                what cannot be guarded. Nothing is changed then.
            AttributeError: Where the class has no such attribute. Nothing is changed then.
        """
        if not isinstance(cls, type):
            text = f"async_unsafe.guard takes a class and names of its methods, not {_article(cls)}"
            raise TypeError(text)
        if not names:
            text = f'name the methods to guard: async_unsafe.guard({cls.__name__}, "connect", "cursor")'
            raise TypeError(text)
        found = {name: _class_attribute(cls, name) for name in names}
        replacements = {
            name: guarded(value, message, use, name=f"{cls.__module__}.{cls.__qualname__}.{name}")
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
    """What a guarded function was made from. Not the function: one that calls itself would never be forgotten."""

    code: CodeType
    mark: GuardedCall


_lock = threading.Lock()
_guarded: weakref.WeakKeyDictionary[FunctionType, _Guarded] = weakref.WeakKeyDictionary()
_wrapper.set_probe(detect.probe)


def guarded(  # noqa: PLR0913 - each is a part of what a violation says
    target: Any,
    message: str | None = None,
    use: str | None = None,
    *,
    name: str | None = None,
    kind: _Kind = "function",
    owner: Owner | None = None,
) -> Any:
    """Return ``target`` guarded: a descriptor or callable of the same kind.

    Args:
        target: What to guard.
        message: What a violation says first, or ``None`` for the bare message.
        use: The way to say it in async code, or ``None``.
        name: The qualified name to report, where it is not the target's own.
        kind: What a plain function stands for.
        owner: The framework that marks it, or ``None``.
    """
    again = functools.partial(guarded, message=message, use=use, name=name, owner=owner)
    if isinstance(target, _DESCRIPTORS):
        return _guarded_descriptor(target, again)
    if isinstance(target, functools.partial) and inspect.isgeneratorfunction(target):  # which the result is, too
        return type(target)(again(target.func), *target.args, **target.keywords)
    inner = _mark_of(target)
    if inner is not None:  # decorated twice: one check, and the outer decorator has the say
        message = message or inner.message
        use = use or inner.use
        owner = owner or inner.owner
        target = cast("Any", target).__wrapped__
    _refuse_unfit(target)
    mark = GuardedCall(
        name=name or qualified_name(target),
        message=message or BARE_MESSAGE,
        use=use,
        kind="generator" if inspect.isgeneratorfunction(target) else kind,
        owner=owner,
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
    """Return a function that checks first, in its own code where that can be, else in a wrapper."""
    with _lock:
        code = with_check(function.__code__, detect.probe, enforce, mark)
        if code is None:
            try:
                guarded = _wrapper.wrapper_of(function, enforce, mark)
            except SyntaxError:  # parameters that no source could name, as those of generated code
                return GuardedCallable(function, mark)
        else:
            guarded = with_code(function, code)
        functools.update_wrapper(guarded, function)
        _guarded[guarded] = _Guarded(function.__code__, mark)
    return guarded


@functools.cache
def _watch_imports() -> None:
    """Have the guards ask the right question from now on. Nothing is watched before the first guard."""
    detect.watch_imports(_ask_anew)


def _ask_anew() -> None:
    """Give every guard the question that detection asks now."""
    with _lock:
        _wrapper.set_probe(detect.probe)
        for function, made_from in list(_guarded.items()):
            code = with_check(made_from.code, detect.probe, enforce, made_from.mark)
            if code is not None:  # else the function is a wrapper
                function.__code__ = code


def _mark_of(target: object) -> GuardedCall | None:
    """Return what a guard says of its call, or ``None`` where ``target`` is no guard."""
    if isinstance(target, GuardedCallable):
        return target.mark
    if isinstance(target, FunctionType) and (made_from := _guarded.get(target)) is not None:
        return made_from.mark
    return None


def _refuse_unfit(target: Any) -> None:
    """Raise TypeError for what cannot be guarded, with what to do instead."""
    function = _without_partials(target)
    called = (function, type(function).__call__) if callable(target) else ()
    if not callable(target):
        text = (
            f"async_unsafe cannot guard {_article(target)}, which cannot be called; "
            "put it above a function, a method, a property, a class method or a static method"
        )
    elif isinstance(target, type):
        text = (
            f"async_unsafe cannot guard the class {target.__qualname__} as a whole; "
            f'name its methods: async_unsafe.guard({target.__qualname__}, "method")'
        )
    elif any(map(_is_coroutine_function, called)):
        text = (
            f"async_unsafe cannot guard the coroutine function {qualified_name(target)}: it runs on the event loop "
            "by design; put async_unsafe on the sync function that blocks, and await that through sync_to_async"
        )
    elif any(map(inspect.isasyncgenfunction, called)):
        text = (
            f"async_unsafe cannot guard the async generator function {qualified_name(target)}: it runs on the event "
            "loop by design; put async_unsafe on the sync function that blocks"
        )
    else:
        return
    raise TypeError(text)


def _is_coroutine_function(function: Any) -> bool:
    """Tell whether calls of a function are awaited, be it written with ``async def`` or for ``types.coroutine``."""
    flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
    return inspect.iscoroutinefunction(function) or bool(flags & inspect.CO_ITERABLE_COROUTINE)


def _without_partials(target: Any) -> Any:
    while isinstance(target, functools.partial):
        target = target.func
    return target


def qualified_name(target: Any) -> str:
    """Return module, class and function, joined by dots; for a partial, those of its function."""
    target = _without_partials(target)
    named = target if hasattr(target, "__qualname__") else type(target)
    home = getattr(named, "__objclass__", named)  # methods of C classes know their class, not their module
    if getattr(home, "__module__", None) is None:  # bound, they know their instance
        instance = getattr(named, "__self__", None)
        home = instance if isinstance(instance, type) else type(instance)
    return f"{home.__module__}.{named.__qualname__}"


def _class_attribute(cls: type, name: str) -> Any:
    """Return a class's attribute as it was written, a descriptor unbound."""
    for each in cls.__mro__:
        if name in vars(each):
            return vars(each)[name]
    text = f"{cls.__qualname__} has no {name!r} to guard"
    raise AttributeError(text)


def _article(value: object) -> str:
    kind = type(value).__name__
    return f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
