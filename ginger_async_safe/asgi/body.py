"""The body of a request: received on the loop, read in the application's thread, a window of it in between."""

from __future__ import annotations

import io
import threading
from collections import deque
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

__all__ = ["WINDOW", "BodyTooLarge", "ClientDisconnected", "Inbox"]

WINDOW = 256 * 1024
"""How many bytes wait between the loop and the thread at most, give or take one piece."""


class ClientDisconnected(ConnectionError):  # noqa: N818 - named for what the client did
    """The client left before it had sent all of the request's body, or before it had all of the response."""


class BodyTooLarge(ValueError):  # noqa: N818 - named for what is wrong, as ClientDisconnected is
    """The request's body has more bytes than the handler takes."""


class Inbox:
    """The pieces of a body between the loop, which puts them in, and the thread, which takes them out.

    Args:
        wants_more: Called in the thread when half of a full window has been taken, or when it waits for a first piece.
        wait: Called in the thread to wait for an event that the loop sets.
    """

    def __init__(self, wants_more: Callable[[], None], wait: Callable[[threading.Event], None]) -> None:
        self._wants_more = wants_more
        self._wait = wait
        self._pieces: deque[bytes] = deque()
        # Two counters, each written on one side only: adding to one number from both would lose some.
        self._put = 0
        self._taken = 0
        self._arrived: threading.Event | None = None  # made where the thread has to wait
        self._is_paused = False
        self.is_complete: bool = False
        """Whether nothing will be put in any more."""
        self._error: Exception | None = None

    # On the loop

    def put(self, piece: bytes) -> None:
        """Add a piece."""
        if piece:
            self._pieces.append(piece)
            self._put += len(piece)
            self._tell()

    def end(self, error: Exception | None = None) -> None:
        """Say that there are no more pieces: all have come, or ``error`` is why the rest will not."""
        self._error = error
        self.is_complete = True
        self._tell()
        # These are methods of who has this inbox, most often: with them, only the garbage collector would free the two.
        self._wants_more = _do_nothing
        self._wait = _do_nothing

    def _tell(self) -> None:
        if self._arrived is not None:
            self._arrived.set()

    def wait_for_reader(self) -> None:
        """Have the thread call ``wants_more`` before it waits for the first piece."""
        self._is_paused = True

    @property
    def is_paused(self) -> bool:
        """Whether nothing is to be put in before ``wants_more`` is called."""
        return self._is_paused

    def is_full(self) -> bool:
        """Tell whether to wait until ``wants_more`` is called before more is put in."""
        if self.is_complete or self._put - self._taken < WINDOW:  # nothing is put in after the end
            return False
        self._is_paused = True  # said before the second look: either it or take() sees what the other has done
        self._is_paused = self._put - self._taken > WINDOW // 2
        return self._is_paused

    # In the thread

    def file(self) -> BinaryIO:
        """Return ``wsgi.input``: a file to read the body from, once."""
        if self.is_complete and self._error is None and len(self._pieces) <= 1:
            return io.BytesIO(self._pieces.popleft() if self._pieces else b"")
        return cast("BinaryIO", io.BufferedReader(_RawBody(self.take), buffer_size=64 * 1024))

    def take(self) -> bytes:
        """Return the next piece, or ``b""`` where there is none left; wait for it where it has yet to come.

        Raises:
            ClientDisconnected: Where the client has left, and what it sent is read.
            BodyTooLarge: Where the body is larger than the handler takes.
        """
        while not self._pieces:
            if self.is_complete:
                if self._error is not None:
                    raise self._error
                return b""
            self._ask()
            if self._arrived is None:
                self._arrived = threading.Event()
            self._arrived.clear()
            if not self._pieces and not self.is_complete:
                self._wait(self._arrived)
        piece = self._pieces.popleft()
        self._taken += len(piece)
        self._ask()
        return piece

    def _ask(self) -> None:
        if self._is_paused and self._put - self._taken <= WINDOW // 2:
            self._is_paused = False
            self._wants_more()


def _do_nothing(*_: object) -> None:
    """Neither wait for more nor ask for it: all has come."""


class _RawBody(io.RawIOBase):
    """The body as its pieces come."""

    def __init__(self, take: Callable[[], bytes]) -> None:
        self._take = take
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readall(self) -> bytes:
        rest, self._piece = bytes(self._piece), memoryview(b"")
        return b"".join((rest, *iter(self._take, b"")))

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if not self._piece:
            self._piece = memoryview(self._take())
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._piece))
        target[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size
