"""The request body: received on the loop, read in the application's thread, with a bounded buffer in between."""

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
"""The maximum number of bytes buffered between the loop and the thread; one more piece may exceed it."""


class ClientDisconnected(ConnectionError):  # noqa: N818 - named for what the client did
    """The client disconnected before it had sent the whole request body, or received the whole response."""


class BodyTooLarge(ValueError):  # noqa: N818 - named for what is wrong, as ClientDisconnected is
    """The request body has more bytes than ``max_body`` allows."""


class Inbox:
    """A buffer for the pieces of a body: the loop adds them, the thread takes them.

    Args:
        wants_more: Called in the thread when half of a full window has been taken, or before it waits for the first
            piece.
        wait: Called in the thread to wait for an event that the loop sets.
    """

    def __init__(self, wants_more: Callable[[], None], wait: Callable[[threading.Event], None]) -> None:
        self._wants_more = wants_more
        self._wait = wait
        self._pieces: deque[bytes] = deque()
        # Two counters, each written by one side only: a single one, changed by both threads, would lose updates.
        self._put = 0
        self._taken = 0
        self._arrived: threading.Event | None = None  # created when the thread has to wait
        self._is_paused = False
        self.is_complete: bool = False
        """Whether no more pieces will be added."""
        self._error: Exception | None = None

    # On the loop

    def put(self, piece: bytes) -> None:
        """Add a piece."""
        if piece:
            self._pieces.append(piece)
            self._put += len(piece)
            self._notify()

    def end(self, error: Exception | None = None) -> None:
        """Mark the body as complete, or as aborted because of ``error``: no more pieces follow."""
        self._error = error
        self.is_complete = True
        self._notify()
        # These are usually bound methods of the owner of this inbox: drop them to break the reference cycle.
        self._wants_more = _do_nothing
        self._wait = _do_nothing

    def _notify(self) -> None:
        if self._arrived is not None:
            self._arrived.set()

    def wait_for_reader(self) -> None:
        """Have the thread call ``wants_more`` before it waits for the first piece."""
        self._is_paused = True

    @property
    def is_paused(self) -> bool:
        """Whether no piece is to be added before ``wants_more`` is called."""
        return self._is_paused

    def is_full(self) -> bool:
        """Return whether to wait for a call of ``wants_more`` before more pieces are added."""
        if self.is_complete or self._put - self._taken < WINDOW:  # nothing is added after the end
            return False
        self._is_paused = True  # set before the second check: either this check or take() sees the other's change
        self._is_paused = self._put - self._taken > WINDOW // 2
        return self._is_paused

    # In the thread

    def file(self) -> BinaryIO:
        """Return ``wsgi.input``: a file from which the body can be read once."""
        if self.is_complete and self._error is None and len(self._pieces) <= 1:
            return io.BytesIO(self._pieces.popleft() if self._pieces else b"")
        return cast("BinaryIO", io.BufferedReader(_RawBody(self.take), buffer_size=64 * 1024))

    def take(self) -> bytes:
        """Return the next piece, or ``b""`` at the end of the body; wait for a piece that has not arrived yet.

        Raises:
            ClientDisconnected: Where the client has disconnected, and all that it sent has been read.
            BodyTooLarge: Where the body is larger than ``max_body`` allows.
        """
        while not self._pieces:
            if self.is_complete:
                if self._error is not None:
                    raise type(self._error)(*self._error.args)  # a copy: its traceback would refer back to this inbox
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
    """Do nothing: the body has ended, so there is nothing to wait for or to request."""


class _RawBody(io.RawIOBase):
    """A raw stream that reads the pieces as they arrive."""

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
