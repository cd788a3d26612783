"""The body of a request, read in the application's thread while the server receives it on the loop."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

__all__ = ["ClientDisconnected", "RequestBody"]


class ClientDisconnected(ConnectionError):  # noqa: N818 - named for what the client did
    """The client left before it had sent all of the request's body."""


class _RawBody(io.RawIOBase):
    """The body as the server's messages bring it.

    Args:
        receive: Returns the next piece, or ``b""`` where there is none left; may wait.
    """

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if not self._piece:
            self._piece = memoryview(self._receive())
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._piece))
        target[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size


class RequestBody(io.BufferedReader):
    """``wsgi.input``: a file to read the body from, once, a piece at a time.

    Reading waits for the client. It raises :class:`ClientDisconnected` where the client has left.

    Args:
        receive: Returns the next piece of the body, or ``b""`` where there is none left; may wait.
    """

    def __init__(self, receive: Callable[[], bytes]) -> None:
        super().__init__(_RawBody(receive), buffer_size=64 * 1024)
