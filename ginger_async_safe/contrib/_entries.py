"""The ORM call in which a framework makes a guarded call, named as the check names it.

One call of the ORM makes several guarded calls, such as for a connection, a cursor and a commit. They are reported as
the one call that the project's code made. Like fixes, entries are derived from frames only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.contrib._fixes import PASSES_ON, module_of, owner_of
from ginger_async_safe.violation import Entry, origin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

__all__ = ["entry_of"]

_QUERYSET = "db.models.query.QuerySet"
_RELATED = "db.models.fields.related_descriptors.RelatedManager"
_OF_QUERYSETS = frozenset({"create", "get_or_create", "update_or_create"})
"""Methods that managers of relations override, and that are those of querysets for whoever calls them."""

_CREATED = {"RelatedManager": _RELATED, "ManyRelatedManager": _RELATED, "GenericRelatedObjectManager": _RELATED}
"""Classes that the framework creates in functions, with the name that each is reported under."""

_GENERATORS = {"_iterator": "__iter__", "iterator": "__iter__"}


def entry_of(package: str, frames: Iterable[FrameType]) -> Entry | None:
    """Return the framework's function that other code called, by which it made a guarded call.

    Args:
        package: The framework's package.
        frames: The frames that made the guarded call, the innermost first.
    """
    found: FrameType | None = None
    for frame in frames:
        if _is_of(package, frame):
            found = found if frame.f_code.co_name in PASSES_ON else frame
        elif origin(frame.f_code.co_filename) not in {"stdlib", "ours"}:
            break
    return None if found is None else Entry(found, _name(package, found))


def _is_of(package: str, frame: FrameType) -> bool:
    return module_of(frame).startswith(f"{package}.")


def _name(package: str, frame: FrameType) -> str:
    """Return the qualified name of a framework's function; of a method, as the outermost base class has it."""
    name, owner = frame.f_code.co_name, owner_of(frame)
    kinds = [kind for kind in type(owner).__mro__ if kind.__module__.startswith(f"{package}.") and name in vars(kind)]
    if owner is None or not kinds:
        return f"{module_of(frame)}.{name}"
    created = _CREATED.get(kinds[0].__name__)
    if created is not None:
        return f"{package}.{_QUERYSET if name in _OF_QUERYSETS else created}.{name}"
    return f"{kinds[-1].__module__}.{kinds[-1].__qualname__}.{_GENERATORS.get(name, name)}"
