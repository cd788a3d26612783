"""Kinds of values, beside the classes of ``values.py``."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

__all__ = ["Decoration", "Kind", "Limit", "QuerySetKind", "Rows"]


class Kind(Enum):
    """A kind that values contain, with which they are hashed often: ``Enum`` itself hashes members in Python code."""

    if not TYPE_CHECKING:
        __hash__ = object.__hash__


class Decoration(Kind):
    """What a known decorator makes of a function.

    Attributes:
        MARKED: A guarded call, marked with ``@async_unsafe``.
        GRANTED: A function for which a grant allows blocking calls.
        IN_THREAD: An async function that runs the function in a thread.
        ON_LOOP: A sync function that runs the async function on an event loop.
        CONTEXT_MANAGER: A function that returns a context manager.
        ASYNC_CONTEXT_MANAGER: A function that returns an asynchronous context manager.
        PROPERTY: A property.
        CACHED_PROPERTY: A property that is computed once for each instance.
        STATIC_METHOD: A method that is bound to nothing.
        CLASS_METHOD: A method that is bound to the class.
        ATOMIC: A function that is one transaction.
    """

    MARKED = "marked"
    GRANTED = "granted"
    IN_THREAD = "in thread"
    ON_LOOP = "on loop"
    CONTEXT_MANAGER = "context manager"
    ASYNC_CONTEXT_MANAGER = "async context manager"
    PROPERTY = "property"
    CACHED_PROPERTY = "cached property"
    STATIC_METHOD = "static method"
    CLASS_METHOD = "class method"
    ATOMIC = "atomic"


class Limit(Kind):
    """A limit that cuts the evaluation of a function short. The values are in reports.

    Attributes:
        CALLS: On how many functions are evaluated for one function, or for one file.
        DEPTH: On how many functions call one another.
        NESTING: On how deep expressions and statements nest.
    """

    CALLS = "it calls too many functions, directly or through others"
    DEPTH = "functions below it call one another too deeply"
    NESTING = "its expressions or statements nest too deeply for this Python"


class QuerySetKind(Kind):
    """What a queryset or manager can be used for.

    Attributes:
        QUERYSET: A queryset, which queries the database where it is evaluated.
        MANAGER: A manager, which cannot be iterated.
        RAW: What ``raw()`` returns, which is evaluated by iteration and by index only.
        NONE: What ``none()`` returns, which makes no query.
    """

    QUERYSET = "queryset"
    MANAGER = "manager"
    RAW = "raw"
    NONE = "none"


class Rows(Kind):
    """What the evaluation of a queryset gives.

    Attributes:
        INSTANCES: Instances of its model.
        VALUES: Dictionaries, tuples or flat values.
    """

    INSTANCES = "instances"
    VALUES = "values"
