"""Fixes for sync calls of the ORM: the async counterpart, where the installed version has one.

A fix is derived from frames only, like the rest of a report: from the framework's function that the async code called,
and from that function's local variables. No user code is called.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ginger_async_safe.violation import GuardedCall

__all__ = ["PASSES_ON", "fix", "module_of", "owner_of"]

PASSES_ON = frozenset({"manager_method"})
"""Functions of the ORM that only delegate: a manager's methods call those of its queryset."""

_WITH_A_FUNCTION = "await sync_to_async(function)(...), with {} in that function"


def fix(package: str, call: GuardedCall, inner: list[FrameType]) -> str | None:
    """Return what to write in an async function, or ``None`` where the framework has no specific fix.

    Args:
        package: The framework's package.
        call: The guarded call.
        inner: The frames called from the async function, innermost first.
    """
    entered = [each for each in reversed(inner) if each.f_code.co_name not in PASSES_ON]
    if not entered:
        is_connection = call.name.startswith(f"{package}.db.backends.")
        return _WITH_A_FUNCTION.format("all that uses the connection") if is_connection else None
    entry = entered[0]
    if not module_of(entry).startswith(f"{package}."):
        return None  # a helper outside the framework: the general fix moves all of it to a thread
    owner = owner_of(entry)
    if owner is None:
        return _twin_of_function(entry) or _user_of_request(package, entered)
    for name, words in _WORDS.items():
        if _is_a(owner, f"{package}.{name}"):
            return words(entry, owner) or _twin_of_method(entry, owner, inner)
    return _user_of_request(package, entered) or _twin_of_method(entry, owner, inner)


def _twin_of_method(entry: FrameType, owner: Any, inner: list[FrameType]) -> str | None:  # noqa: ANN401 - the framework's
    name = f"a{entry.f_code.co_name.lstrip('_')}"  # iterator() delegates to _iterator()
    return _awaited(
        f"{_receiver(owner, _manager_of(inner))}.{name}", inspect.getattr_static(type(owner), name, None), entry
    )


def _twin_of_function(entry: FrameType) -> str | None:
    name = f"a{entry.f_code.co_name}"
    return _awaited(name, entry.f_globals.get(name), entry)


def _awaited(written: str, twin: object, entry: FrameType) -> str | None:
    code = entry.f_code
    takes = code.co_argcount + code.co_kwonlyargcount > int(owner_of(entry) is not None)
    arguments = "..." if takes or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS) else ""
    if inspect.iscoroutinefunction(twin):
        return f"await {written}({arguments})"
    if inspect.isasyncgenfunction(twin):
        return f"async for row in {written}({arguments}): ..."
    return None


def _user_of_request(package: str, entered: list[FrameType]) -> str | None:
    """Return the fix for ``request.user``, which is loaded at its first access."""
    for frame in entered:
        if module_of(frame) == f"{package}.contrib.auth.middleware" and frame.f_code.co_name == "get_user":
            return "await request.auser()" if "auser" in frame.f_globals else None
    return None


def _of_queryset(entry: FrameType, queryset: Any) -> str | None:  # noqa: ANN401 - the framework's
    name = entry.f_code.co_name
    if name == "__len__":
        return "await queryset.acount()"
    if name == "__bool__":
        return "await queryset.aexists()"
    if name == "__getitem__":
        return "await sync_to_async(queryset.__getitem__)(...)"
    if not name.startswith("__"):
        return None
    relation = _relation(queryset)
    before = f"; or fetch them with it: {relation}" if relation else ""
    return f"[{_variable(queryset.model)} async for {_variable(queryset.model)} in queryset]{before}"


def _relation(queryset: Any) -> str | None:  # noqa: ANN401 - the framework's
    """Return the ``prefetch_related`` call for the relation that a queryset comes from, where that is unambiguous."""
    instance = queryset._hints.get("instance")
    if instance is None:
        return None
    names = [
        field.get_accessor_name() if field.auto_created else field.name
        for field in instance._meta.get_fields(include_hidden=False)
        if (field.many_to_many or field.one_to_many) and field.related_model is queryset.model
    ]
    model = type(instance).__name__
    return f'{model}.objects.prefetch_related("{names[0]}")' if len(names) == 1 else None


def _of_descriptor(entry: FrameType, descriptor: Any) -> str | None:  # noqa: ANN401 - the framework's
    """Return the fix for a field whose value is loaded at its first access."""
    instance = entry.f_locals.get("instance")
    if entry.f_code.co_name != "__get__" or instance is None:
        return None
    model, variable = type(instance).__name__, _variable(type(instance))
    name, fetched = _FETCHED.get(type(descriptor).__name__, _by_field)(descriptor)
    if not fetched:
        return f'await {variable}.arefresh_from_db(fields=["{name}"])'
    return f'await sync_to_async(getattr)({variable}, "{name}"); or fetch both at once: {model}.objects.{fetched}("{name}")'


def _by_field(descriptor: Any) -> tuple[str, str]:  # noqa: ANN401 - the framework's
    return descriptor.field.name, "select_related"


_FETCHED: dict[str, Callable[[Any], tuple[str, str]]] = {
    "ReverseOneToOneDescriptor": lambda descriptor: (descriptor.related.get_accessor_name(), "select_related"),
    "GenericForeignKey": lambda descriptor: (descriptor.name, "prefetch_related"),
    "GenericForeignKeyDescriptor": lambda descriptor: (descriptor.field.name, "prefetch_related"),
    "DeferredAttribute": lambda descriptor: (descriptor.field.attname, ""),
}


def _of_session(entry: FrameType, session: Any) -> str | None:  # noqa: ANN401 - the framework's
    written = {
        "__getitem__": ("aget", "key"),
        "__setitem__": ("aset", "key, value"),
        "__contains__": ("ahas_key", "key"),
        "__delitem__": ("apop", "key"),
    }.get(entry.f_code.co_name)
    if written is None or not hasattr(type(session), written[0]):
        return None
    return f"await request.session.{written[0]}({written[1]})"


def _of_transaction(_entry: FrameType, _atomic: object) -> str:
    return _WITH_A_FUNCTION.format("the whole transaction")


def _of_connection(_entry: FrameType, _connection: object) -> str:
    return _WITH_A_FUNCTION.format("all that uses the connection")


_WORDS: dict[str, Callable[[FrameType, Any], str | None]] = {
    "db.models.query.QuerySet": _of_queryset,
    "db.models.fields.related_descriptors.ForwardManyToOneDescriptor": _of_descriptor,
    "db.models.fields.related_descriptors.ReverseOneToOneDescriptor": _of_descriptor,
    "contrib.contenttypes.fields.GenericForeignKey": _of_descriptor,
    "contrib.contenttypes.fields.GenericForeignKeyDescriptor": _of_descriptor,
    "db.models.query_utils.DeferredAttribute": _of_descriptor,
    "contrib.sessions.backends.base.SessionBase": _of_session,
    "db.transaction.Atomic": _of_transaction,
    "db.backends.base.base.BaseDatabaseWrapper": _of_connection,
}


def module_of(frame: FrameType) -> str:
    """Return the name of the module whose code a frame runs."""
    return str(frame.f_globals.get("__name__"))


def owner_of(frame: FrameType) -> Any:  # noqa: ANN401 - the framework's
    """Return the object that a method was called on; ``None`` for a function."""
    names = frame.f_code.co_varnames[:1] if frame.f_code.co_argcount else ()
    return frame.f_locals.get("self") if names == ("self",) else None


def _manager_of(inner: list[FrameType]) -> Any:  # noqa: ANN401 - the framework's
    """Return the manager whose method the async code called, or ``None``."""
    return owner_of(inner[-1]) if inner[-1].f_code.co_name in PASSES_ON else None


def _receiver(owner: Any, manager: Any) -> str:  # noqa: ANN401 - the framework's
    """Return an expression for the object that a method was called on, as precise as the frames allow."""
    named = getattr(manager, "name", None)
    if named and getattr(manager, "model", None) is not None:
        return f"{manager.model.__name__}.{named}"
    if manager is not None or type(owner).__name__.endswith("RelatedManager"):
        return "manager"
    return "request.session" if type(owner).__name__ == "SessionStore" else _variable(type(owner))


def _variable(kind: type) -> str:
    return kind.__name__.lower()


def _is_a(value: object, name: str) -> bool:
    return any(f"{each.__module__}.{each.__qualname__}" == name for each in type(value).__mro__)
