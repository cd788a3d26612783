"""Conditions of rules: whether a call would wait, as far as its known arguments show.

The guard evaluates conditions on real arguments; here the cases that they declare (:mod:`ginger_async_safe.blocking.clauses`)
are evaluated on abstract values.
"""

from __future__ import annotations

from functools import cache, singledispatch
from typing import TYPE_CHECKING, Any

from ginger_async_safe.blocking.clauses import (
    BY_NAME,
    NOT_KNOWN,
    Argument,
    Arguments,
    HasFlag,
    HasState,
    IsConstant,
    IsGiven,
    IsOtherConstant,
    Satisfies,
)
from ginger_async_safe.blocking.immediate import cases_of_rule
from ginger_async_safe.blocking.rules import RULES
from ginger_async_safe.lint.domain.bases import UNKNOWN, each
from ginger_async_safe.lint.domain.values import Constant, External, Fact, Instance, ModuleValue, TupleValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.clauses import Clause, Immediate, Quality, Subject
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.external_calls import Call

__all__ = ["FLAGS", "is_immediate", "may_wait"]


def may_wait(rule: BlockingCall, call: Call) -> bool:
    """Return whether a call of outside code that a rule covers may wait."""
    is_not_reached = _NOT_REACHED.get(rule.id)
    if is_not_reached is not None and is_not_reached(call):
        return False
    return call.name in _WITH_OTHER_ARGUMENTS or not is_immediate(cases_of_rule(rule), call)


def is_immediate(cases: Iterable[Immediate], call: Call) -> bool:
    """Return whether a call is known to be one of some cases in which it does not wait."""
    return any(
        all(_is_known(clause, call) for clause in case.when)
        and not any(_is_known(clause, call) for clause in case.unless)
        for case in cases
    )


def _is_known(clause: Clause, call: Call) -> bool:
    """Return whether a clause is known to be true of a call."""
    return _holds(clause.quality, _value(clause.subject, call))


def _value(subject: Subject, call: Call) -> Value:
    """Return what is known of the subject of a clause; a missing argument is a constant too."""
    if isinstance(subject, Argument):
        value = call.arguments.get(subject.position, subject.name)
        if value is None:
            return Constant(subject.default) if call.arguments.is_complete else UNKNOWN
        return value
    if isinstance(subject, Arguments):
        return TupleValue(tuple(_value(each, call) for each in subject.members))
    return UNKNOWN if call.receiver is None else call.receiver


@singledispatch
def _holds(quality: Quality, value: Value) -> bool:  # noqa: ARG001 - the registered ones take it
    """Return whether a value is known to have a quality."""
    msg = f"no reading of {type(quality).__name__} is registered here; add one for values as the check knows them"
    raise TypeError(msg)


@_holds.register(Satisfies)
def _(quality: Satisfies, value: Value) -> bool:
    known = _known(value)
    return known is not NOT_KNOWN and bool(quality.function(known))


@_holds.register(HasState)
def _(quality: HasState, value: Value) -> bool:
    return isinstance(value, Instance) and quality.state in value.facts


@_holds.register(IsGiven)
def _(quality: IsGiven, value: Value) -> bool:
    return _predicate(quality)(value.value) if isinstance(value, Constant) else _known(value) != ()


@_holds.register(HasFlag)
@_holds.register(IsConstant)
def _(quality: HasFlag | IsConstant, value: Value) -> bool:
    return value.name in quality.names if isinstance(value, External) else _is_true_of_constant(quality, value)


@_holds.register(IsOtherConstant)
def _(quality: IsOtherConstant, value: Value) -> bool:
    if not isinstance(value, External):
        return _is_true_of_constant(quality, value)
    modules = {_module(name) for name in quality.names}
    return _module(value.name) in modules and value.name not in quality.names


def _is_true_of_constant(quality: Quality, value: Value) -> bool:
    return isinstance(value, Constant) and isinstance(value.value, int) and _predicate(quality)(value.value)


@cache
def _predicate(quality: Quality) -> Callable[[Any], bool]:
    return quality.predicate()


def _module(name: str) -> str:
    return name.rpartition(".")[0]


def _known(value: Value) -> object:
    """Return a value if it is known; in a tuple, single items may be unknown."""
    if isinstance(value, Constant):
        return value.value
    return tuple(map(_known, value.items)) if isinstance(value, TupleValue) else NOT_KNOWN


def _is_given(value: Value | None) -> bool:
    return value is not None and bool(_known(value))


def _opens_no_path(call: Call) -> bool:
    """Return whether a call gets an open object, such as an ``io.BytesIO``, and opens none itself."""
    first = call.arguments.get(0, "file")
    is_open = first is not None and all(
        isinstance(member, Instance) and member.cls in _OPENED for member in each(first)
    )
    return is_open or _is_given(call.arguments.get(BY_NAME, "fileobj"))


def _gets_no_path(call: Call) -> bool:
    """Return whether a call opens no file, since it gets an open one, or none where it returns text instead."""
    if call.name.startswith("pandas.") and ".to_" in call.name and call.arguments.is_complete:
        first = call.arguments.get(0, "path_or_buf") or call.arguments.get(0, "path") or call.arguments.get(0, "buf")
        if first is None or first == Constant(None):
            return True
    return _opens_no_path(call)


def _loads_no_certificates(call: Call) -> bool:
    """Return whether a client of httpx is made without certificates of its own: it has a context, a transport, or none."""
    if not call.name.startswith("httpx."):
        return False
    verify = call.arguments.get(BY_NAME, "verify")
    return (
        _is_given(call.arguments.get(BY_NAME, "transport"))
        or not call.arguments.is_complete
        or not (verify is None or (isinstance(verify, Constant) and verify.value is True))
    )


def _imports_known(call: Call) -> bool:
    """Return whether a call imports a module by a name that the source shows, as an import statement does."""
    name = call.arguments.get(0, "name")
    return name is not None and all(isinstance(member, (Constant, ModuleValue)) for member in each(name))


def _writes_nothing(call: Call) -> bool:
    """Return whether a call closes or flushes a file that was only read."""
    return isinstance(call.receiver, Instance) and Fact.WRITTEN not in call.receiver.facts


def _gets_no_host(call: Call) -> bool:
    """Return whether a call makes a client that is not to connect yet."""
    return call.receiver is None and call.arguments.is_complete and not _is_given(call.arguments.get(0, "host"))


_OPENED = (
    External("os.open()"),
    *(
        External(f"io.{name}")
        for name in ("BytesIO", "StringIO", "IOBase", "RawIOBase", "BufferedIOBase", "TextIOBase")
    ),
    *(External(f"typing.{name}") for name in ("IO", "BinaryIO", "TextIO")),
)
_WITH_OTHER_ARGUMENTS = frozenset({"httpx.AsyncClient", "httpx.Client"})
"""Names that lead to a rule's call, which get other arguments than those of its condition."""


def _loads_no_default_certificates(call: Call) -> bool:
    """Return whether a call makes a TLS context without the system's certificates.

    A server's context (``CLIENT_AUTH``) loads none, and any other loads those that are given instead.
    """
    if call.name != "ssl.create_default_context" or any(
        call.arguments.get(BY_NAME, each) for each in ("cafile", "capath")
    ):
        return False
    is_servers = call.arguments.get(0, "purpose") == External("ssl.Purpose.CLIENT_AUTH")
    return is_servers or _is_given(call.arguments.get(BY_NAME, "cadata"))


def _only_looks(call: Call) -> bool:
    """Return whether a call of ``concurrent.futures.wait`` has no time to wait."""
    return call.name == "concurrent.futures.wait" and call.arguments.get(1, "timeout") == Constant(0)


_NOT_REACHED: dict[str, Callable[[Call], bool]] = {
    "file.open": _gets_no_path,
    "file.truncate": lambda _: True,  # the file is reported where it is opened
    "file.write": _writes_nothing,
    "ftplib.FTP.connect": _gets_no_host,
    "importlib.import_module": _imports_known,
    "smtplib.SMTP.connect": _gets_no_host,
    "ssl.SSLContext.load_verify_locations": _loads_no_certificates,
    "threading.Event.wait": _only_looks,
    "ssl.SSLContext.load_default_certs": _loads_no_default_certificates,
}
"""Where other names lead to a rule's call: whether a call of them does not make it, by the id of the rule."""


def _flags(cases: Iterable[Immediate]) -> Iterable[str]:
    """Return the names of the flags that decide some cases."""
    clauses = (clause for case in cases for clause in (*case.when, *case.unless))
    return (name for clause in clauses if isinstance(clause.quality, HasFlag) for name in clause.quality.names)


FLAGS = frozenset(
    {*(name for rule in RULES for name in _flags(cases_of_rule(rule))), "os.O_NONBLOCK", "socket.SOCK_NONBLOCK"}
)
"""The names of flags that decide whether a call waits, or a later call of the object that it makes."""
