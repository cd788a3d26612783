"""Guards for callables that are not plain functions: builtins, partials, generators and their functions."""

# ruff: noqa: ANN401 - a guard takes and returns whatever the callable takes and returns

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from ginger_async_safe import detect
from ginger_async_safe.policy import enforce

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from ginger_async_safe.violation import GuardedCall

__all__ = ["GuardedCallable", "GuardedGeneratorFunction"]

_Yield = TypeVar("_Yield")
_Send = TypeVar("_Send")
_Return = TypeVar("_Return")


class GuardedCallable:
    """A callable with a check before it; in all else, attributes and binding among it, the callable itself.

    Args:
        wrapped: The callable.
        mark: What a violation says of it.
    """

    __wrapped__: Callable[..., Any]

    def __init__(self, wrapped: Callable[..., Any], mark: GuardedCall) -> None:
        functools.update_wrapper(self, wrapped, updated=())
        self.mark = mark

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        if detect.probe() is not None:
            enforce(self.mark)
        return self.__wrapped__(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name in {"__wrapped__", "mark"}:  # not there yet: being unpickled
            raise AttributeError(name)
        return getattr(self.__wrapped__, name)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        bind = getattr(type(self.__wrapped__), "__get__", None)
        bound = self.__wrapped__ if bind is None else bind(self.__wrapped__, instance, owner)
        return self if bound is self.__wrapped__ else type(self)(bound, self.mark)

    def __repr__(self) -> str:
        return f"<async_unsafe {self.mark.name}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle by name where the name leads here, as functions do; else by what is wrapped."""
        name = getattr(self, "__qualname__", "")
        found: Any = sys.modules.get(str(getattr(self, "__module__", "")))
        for part in name.split("."):
            found = getattr(found, part, None)
        return name if found is self else (type(self), (self.__wrapped__, self.mark))


class GuardedGeneratorFunction(GuardedCallable):
    """A generator function that checks its call and each resumption of what it returns.

    It has the attributes of a function, so ``inspect.isgeneratorfunction`` stays true of it.
    """

    def __call__(self, /, *args: Any, **kwargs: Any) -> GuardedGenerator[Any, Any, Any]:
        if detect.probe() is not None:
            enforce(self.mark)
        return GuardedGenerator(self.__wrapped__(*args, **kwargs), self.mark)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        is_bound = instance is None or isinstance(self.__wrapped__, types.MethodType)
        return self if is_bound else types.MethodType(self, instance)


class GuardedGenerator(Generator[_Yield, _Send, _Return], Generic[_Yield, _Send, _Return]):
    """A generator that is checked whenever its code would run on.

    A refused resumption leaves the generator as it was: it can go on in a thread.
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
        """Close the generator; checked where that runs its code, as a ``finally`` block."""
        suspended = inspect.getgeneratorstate(self._generator) == inspect.GEN_SUSPENDED
        if suspended and detect.probe() is not None:
            enforce(self.mark)
        self._generator.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generator, name)

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied or pickled, as generators do.

        Raises:
            TypeError: Always.
        """
        msg = f"cannot pickle or copy the generator {self.__qualname__}"
        raise TypeError(msg)

    def __repr__(self) -> str:
        return f"<async_unsafe generator {self.__qualname__}>"
