"""Well-known names: their source is not read, even where it is part of the project."""

from __future__ import annotations

from ginger_async_safe.lint.knowledge.orm import ATOMIC, CLASSES, FRAMEWORKS, SHORTCUTS

__all__ = ["ALLOWING", "CACHING", "DETECTING", "EMPTIABLE", "MARKING", "PROVIDING", "is_known"]

MARKING = frozenset(
    {
        "ginger_async_safe.async_unsafe",
        "ginger_async_safe.decorators.async_unsafe",
        *(f"{framework}.utils.asyncio.async_unsafe" for framework in FRAMEWORKS),
    }
)
"""The decorators that mark a function as blocking."""

ALLOWING = frozenset({"ginger_async_safe.allow_async_unsafe", "ginger_async_safe.policy.allow_async_unsafe"})
"""Grants, which allow blocking calls in a block or function."""

DETECTING = frozenset({"ginger_async_safe.in_async_context", "ginger_async_safe.detect.in_async_context"})
"""Functions that detect a running event loop."""

CACHING = frozenset({"functools.cache", "functools.lru_cache"})
"""Decorators of functions that run once for the same arguments."""

EMPTIABLE = frozenset(
    {
        *("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"),
        *("collections.ChainMap", "collections.Counter", "collections.OrderedDict", "collections.UserDict"),
        *("collections.UserList", "collections.UserString", "collections.defaultdict", "collections.deque"),
        *("typing.Counter", "typing.DefaultDict", "typing.Deque", "typing.Dict", "typing.List", "typing.OrderedDict"),
        *("typing.FrozenSet", "typing.Set", "typing.Tuple", "enum.Flag", "enum.IntEnum", "enum.IntFlag"),
    }
)
"""Classes some instances of which are false: empty containers, and zero."""
PROVIDING = frozenset(
    {
        "dishka.Injected",
        "fast_depends.Depends",
        "fastapi.Depends",
        "fastapi.Security",
        "fastapi_injector.Injected",
        "faststream.Depends",
        "nonebot.params.Depends",
        "taskiq.TaskiqDepends",
    }
)
"""What asks a framework, as a default or in ``Annotated``, for what its first argument returns."""

_MOVING = frozenset({"asgiref.sync.sync_to_async", "asgiref.sync.async_to_sync"})

_OF_FRAMEWORKS = frozenset(
    {
        *(name for names in CLASSES.values() for name in names),
        "db.models.ForeignKey",
        "db.models.OneToOneField",
        "db.models.ManyToManyField",
        "db.connection",
        "db.connections",
        "conf.settings",
        "utils.functional.cached_property",
        ATOMIC[0],
        *SHORTCUTS,
    }
)

_ALL = MARKING | ALLOWING | DETECTING | _MOVING | {f"{each}.{name}" for each in FRAMEWORKS for name in _OF_FRAMEWORKS}


def is_known(name: str) -> bool:
    """Return whether a dotted name is known."""
    return name in _ALL
