"""Guards for callables that are not plain functions: builtins, partials, generators and their functions."""

# ruff: noqa: ANN401 - a guard passes on whatever arguments and results the callable has

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, cast

from ginger_async_safe import detect
from ginger_async_safe.policy import enforce

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from ginger_async_safe.violation import GuardedCall

__all__ = ["GuardedCallable", "GuardedGeneratorFunction", "copy_metadata"]

_OF_C = (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType, types.MethodWrapperType)

_Function = TypeVar("_Function", bound="Callable[..., Any]")
_Yield = TypeVar("_Yield")
_Send = TypeVar("_Send")
_Return = TypeVar("_Return")


def copy_metadata(guarded: _Function, function: Callable[..., Any]) -> _Function:
    """Copy a function's name, annotations and other metadata to the function that replaces it, and return the latter.

    From Python 3.14 on, annotations are copied as the ``__annotate__`` function, so that none is evaluated early
    (PEP 649). Assigned annotations have no such function; they are copied as a dict.
    """
    functools.update_wrapper(guarded, function)
    if sys.version_info >= (3, 14) and getattr(function, "__annotate__", None) is None:
        cast("Any", guarded).__annotations__ = dict(getattr(function, "__annotations__", {}))
    return guarded


class GuardedCallable:
    """A callable with a check before each call; it has the attributes and the binding of the original.

    Args:
        wrapped: The original callable.
        mark: The guarded call that a violation reports.
    """

    # These class bodies must have no annotations: they would appear as the annotations of the instances.

    def __init__(self, wrapped: Callable[..., Any], mark: GuardedCall) -> None:
        functools.update_wrapper(self, wrapped, updated=())
        self.__wrapped__: Callable[..., Any] = wrapped
        if isinstance(wrapped, _OF_C) and not hasattr(wrapped, "__annotations__"):
            self.__annotations__: dict[str, Any] = {}  # before Python 3.14, typing knows these by type alone
        self.mark = mark

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        if detect.probe() is not None:
            enforce(self.mark)
        return self.__wrapped__(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name in {"__wrapped__", "mark"}:  # not set yet while being unpickled
            raise AttributeError(name)
        return getattr(self.__wrapped__, name)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        bind = getattr(type(self.__wrapped__), "__get__", None)
        bound = self.__wrapped__ if bind is None else bind(self.__wrapped__, instance, owner)
        return self if bound is self.__wrapped__ else type(self)(bound, self.mark)

    def __repr__(self) -> str:
        return f"<async_unsafe {self.mark.name}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle by qualified name where that resolves to this object, as functions do; otherwise by its parts."""
        name = getattr(self, "__qualname__", "")
        found: Any = sys.modules.get(str(getattr(self, "__module__", "")))
        for part in name.split("."):
            found = getattr(found, part, None)
        return name if found is self else (type(self), (self.__wrapped__, self.mark))


class GuardedGeneratorFunction(GuardedCallable):
    """A generator function that checks its call and each resumption of the generator that it returns.

    It has the attributes of a function, so ``inspect.isgeneratorfunction`` returns true for it.
    """

    def __call__(self, /, *args: Any, **kwargs: Any) -> GuardedGenerator[Any, Any, Any]:
        if detect.probe() is not None:
            enforce(self.mark)
        return GuardedGenerator(self.__wrapped__(*args, **kwargs), self.mark)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        is_bound = instance is None or isinstance(self.__wrapped__, types.MethodType)
        return self if is_bound else types.MethodType(self, instance)


class GuardedGenerator(Generator[_Yield, _Send, _Return], Generic[_Yield, _Send, _Return]):
    """A generator that is checked whenever its code is about to run.

    A resumption that is stopped leaves the generator unchanged: it can be continued in a thread.
    """

    __slots__ = ("__weakref__", "_generator", "mark")

    def __init__(self, generator: Generator[_Yield, _Send, _Return], mark: GuardedCall) -> None:
        self._generator = generator
        self.mark = mark

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> _Yield:
        if detect.probe() is not None:
            enforce(self.mark)
        return next(self._generator)

    def send(self, value: _Send, /) -> _Yield:
        if detect.probe() is not None:
            enforce(self.mark)
        return self._generator.send(value)

    def throw(self, *error: Any) -> _Yield:
        if detect.probe() is not None:
            enforce(self.mark)
        return self._generator.throw(*error)

    def close(self) -> None:
        """Close the generator; checked where that runs its code, such as a ``finally`` block."""
        suspended = inspect.getgeneratorstate(self._generator) == inspect.GEN_SUSPENDED
        if suspended and detect.probe() is not None:
            enforce(self.mark)
        self._generator.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generator, name)

    def __reduce__(self) -> NoReturn:
        """Reject copying and pickling, as generators do.

        Raises:
            TypeError: Always.
        """
        msg = f"cannot pickle or copy the generator {self.__qualname__}"
        raise TypeError(msg)

    def __repr__(self) -> str:
        return f"<async_unsafe generator {self.__qualname__}>"
