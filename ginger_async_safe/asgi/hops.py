"""Select how requests are run in threads: with asgiref, or with a faster implementation of the same behaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from ginger_async_safe.asgi import _asgiref_private as private
from ginger_async_safe.asgi.asgiref_hop import AsgirefHop
from ginger_async_safe.asgi.fast_hop import FastHop
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from ginger_async_safe.asgi.call import Call, WSGIApplication
    from ginger_async_safe.asgi.exchange import Exchange

__all__ = ["Hop", "HopName", "hop_named", "rows"]

HopName = Literal["asgiref", "fast"]


class Hop(Protocol):
    """Runs a request in a thread, and returns its response to the loop."""

    @property
    def name(self) -> str:
        """The value of ``hop=`` that selects it."""
        ...

    def start(
        self, application: WSGIApplication, exchange: Exchange, submit: Callable[[Call], None], *, is_alone: bool
    ) -> Coroutine[Any, Any, None]:
        """Request a thread to run the application, and return the coroutine that sends the response.

        Args:
            application: The WSGI application.
            exchange: The request; its body is complete, or a part of it has been received.
            submit: Submits the call to the thread pool.
            is_alone: Whether no other request has a thread.

        Raises:
            Exception: Whatever ``submit`` raises.
        """
        ...


def hop_named(name: str | None) -> Hop:
    """Return the hop of that name; for ``None``, the fast one where it supports the installed asgiref, else asgiref's.

    Raises:
        ConfigurationError: Where there is no hop of that name, or it does not support the installed asgiref.
    """
    if name not in {None, "asgiref", "fast"}:
        msg = f'hop={name!r}: give "asgiref", "fast", or None for the fast one where the installed asgiref is known'
        raise ConfigurationError(msg)
    if name == "asgiref":
        return AsgirefHop()
    difference = private.difference()
    if difference is None:
        return FastHop()
    if name is None:
        return AsgirefHop()
    msg = f'hop="fast" is not for asgiref {private.version()}: {difference}; leave hop out, or pass hop="asgiref"'
    raise ConfigurationError(msg)


def rows() -> Iterator[tuple[str, str]]:
    """Yield the row that ``explain()`` shows: which hop is the default, and why."""
    difference = private.difference()
    if difference is None:
        yield "hop to a thread", "fast   from the default"
    else:
        yield "hop to a thread", f"asgiref   because asgiref {private.version()} is not known: {difference}"
