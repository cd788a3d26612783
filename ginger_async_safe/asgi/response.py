"""Convert the response of a WSGI application to ASGI messages."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from wsgiref.util import is_hop_by_hop

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

__all__ = ["Message", "Response", "plain_response", "retry_after"]

Message = dict[str, Any]

_STATUS = re.compile(r"[2-5][0-9]{2}(?: [^\x00-\x1f\x7f]*)?")  # RFC 9110 15; 1xx is no final response: 15.2
_MOST_DIGITS = 18  # of a Content-Length; int() refuses thousands of them
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # a token: RFC 9110 5.6.2
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # RFC 9110 5.5; a newline would start another header field
_WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
_WHITE_SPACE = " \t"  # allowed around a field's value, but not part of it: RFC 9110 5.5


class Response:
    """The response of one call of a WSGI application.

    Nothing is sent before the first bytes of the body, so until then the application can replace status and headers.

    Args:
        method: The request's method.
        send: Called with the messages, in order; may wait for a slow client.
    """

    def __init__(self, method: str, send: Callable[[Message], None]) -> None:
        self._is_head = method == "HEAD"
        self._send = send
        self._start: Message | None = None
        self._has_no_body = self._is_head
        self._left: int | None = None
        self._is_finished = False
        self.started: bool = False
        """Whether status and headers have been sent, so that they cannot be changed."""
        self.is_too_long: bool = False
        """Whether the application produced more bytes than its Content-Length says; the excess is not sent."""

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        """Set status and headers, as PEP 3333 specifies.

        Args:
            status: Code and reason, as ``"200 OK"``.
            headers: Names and values.
            exc_info: Passed where the application handles an error of its own; replaces earlier status and headers.

        Returns:
            ``write``, which sends bytes of the body at once.

        Raises:
            AssertionError: Where it is called twice without ``exc_info``.
            BaseException: The one in ``exc_info``, where the headers have been sent already.
            TypeError: Where status, a name or a value is not a ``str``.
            ValueError: Where one of them contains what HTTP does not allow, or a field that PEP 3333 reserves for the
                server.
        """
        try:
            if exc_info is not None:
                if self.started:
                    raise exc_info[1].with_traceback(exc_info[2])
            elif self._start is not None:
                msg = "start_response was called twice; pass exc_info to replace a response (PEP 3333)"
                raise AssertionError(msg)
        finally:
            exc_info = None  # PEP 3333: no reference cycle through the traceback
        checked = [_checked_header(name, value) for name, value in headers]
        lengths = [header for header in checked if header[0] == b"content-length"]
        left = _checked_length([value for _, value in lengths])
        code = _checked_status(status)
        if lengths and (code in _WITHOUT_BODY or len(lengths) > 1):
            # RFC 9110 8.6: none with 204 or 304, where clients would wait for a body or report an error; else one.
            kept = [] if code in _WITHOUT_BODY else lengths[:1]
            checked = [header for header in checked if header[0] != b"content-length"] + kept
        self._start = {"type": "http.response.start", "status": code, "headers": checked}
        self._has_no_body = self._is_head or code in _WITHOUT_BODY
        self._left = left
        return self.write

    def write(self, data: bytes) -> None:
        """Send bytes of the body, as :meth:`send_body` does. ``start_response`` returns this method.

        Raises:
            ValueError: Where there are more bytes than Content-Length says (PEP 3333); those within it are sent.
        """
        self.send_body(data)
        if self.is_too_long:
            msg = "the application writes more bytes than its Content-Length says; the rest is not sent (PEP 3333)"
            raise ValueError(msg)

    def send_body(self, data: bytes) -> None:
        """Send bytes of the body, at most as many as Content-Length says; status and headers precede the first ones.

        Raises:
            AssertionError: Where ``start_response`` has not been called, or the response has ended.
            TypeError: Where ``data`` is not ``bytes``.
        """
        if not isinstance(data, bytes):
            msg = f"a WSGI application's body is bytes, not {type(data).__name__}; encode it"
            raise TypeError(msg)
        if self._start is None:
            msg = "the application sent a body before it called start_response (PEP 3333)"
            raise AssertionError(msg)
        if not data:
            return
        if self._is_finished:
            msg = "the application sent a body after its response had ended"
            raise AssertionError(msg)
        if self._has_no_body:
            self._send_head(self._start)
            return
        if self._left is not None:
            if len(data) > self._left:
                self.is_too_long = True
                data = data[: self._left]
            self._left -= len(data)
        if not self.started:
            self._send_head(self._start)
        if data:
            self._send({"type": "http.response.body", "body": data, "more_body": True})

    @property
    def takes_no_more(self) -> bool:
        """Whether no more of the body is to be sent: the headers of HEAD, 204 or 304 were, or the body is too long."""
        return (self.is_too_long or self._has_no_body) and self.started

    @property
    def is_whole(self) -> bool:
        """Whether as many bytes as Content-Length says have been sent, or are being sent."""
        return self.started and self._left == 0

    def finish(self) -> None:
        """Send the message that ends the response, and before it the headers where they were not sent.

        Raises:
            AssertionError: Where ``start_response`` has not been called.
            ValueError: Where there are fewer bytes than Content-Length says.
        """
        if self._start is None:
            msg = "the application returned without calling start_response (PEP 3333)"
            raise AssertionError(msg)
        if self._left and not self._has_no_body:
            msg = f"the application sent {self._left} bytes fewer than its Content-Length says"
            raise ValueError(msg)
        self._is_finished = True
        self._send_head(self._start)
        self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _send_head(self, start: Message) -> None:
        if not self.started:
            self.started = True
            self._send(start)


def plain_response(status: HTTPStatus, *headers: tuple[bytes, bytes]) -> list[Message]:
    """Return the messages of a plain-text response whose body is the reason phrase of its status.

    Args:
        status: The status.
        headers: Additional names and values.
    """
    body = status.phrase.encode("ascii")
    described = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)), *headers]
    return [
        {"type": "http.response.start", "status": status.value, "headers": described},
        {"type": "http.response.body", "body": body, "more_body": False},
    ]


def retry_after(seconds: float) -> tuple[bytes, bytes]:
    """Return the ``Retry-After`` header for a number of seconds; 1 for 0 (RFC 9110 10.2.3)."""
    return b"retry-after", b"%d" % math.ceil(seconds or 1)


@lru_cache(maxsize=256)
def _checked_status(status: str) -> int:
    if not isinstance(status, str):
        msg = f'a status is a str such as "200 OK", not {type(status).__name__}'
        raise TypeError(msg)
    if not _STATUS.fullmatch(status):
        msg = f'{status!r} is not the status of a response; write 200 to 599 and a reason, as "200 OK" (RFC 9110 15)'
        raise ValueError(msg)
    return int(status[:3])


def _checked_length(values: list[bytes]) -> int | None:
    """Return the length of the body in bytes, or ``None`` where no header gives it."""
    if not values:
        return None
    first = values[0]
    if not first.isdigit() or len(first) > _MOST_DIGITS or any(value != first for value in values[1:]):
        msg = f"Content-Length is {b', '.join(values).decode('latin-1')!r}; give one number of bytes (RFC 9110 8.6)"
        raise ValueError(msg)
    return int(first)


def _checked_header(name: object, value: object) -> tuple[bytes, bytes]:
    if not isinstance(name, str) or not isinstance(value, str):
        msg = f"the name and value of a header are str, not {type(name).__name__} and {type(value).__name__}"
        raise TypeError(msg)
    if not value.isprintable() and _FORBIDDEN.search(value):
        msg = f"the value of the header {name} holds a control character, such as a newline; remove it"
        raise ValueError(msg)
    return _checked_name(name), value.strip(_WHITE_SPACE).encode("latin-1")


@lru_cache(maxsize=1024)
def _checked_name(name: str) -> bytes:
    if not _NAME.fullmatch(name):
        msg = f"{name!r} is not the name of a header (RFC 9110 5.1)"
        raise ValueError(msg)
    if is_hop_by_hop(name):
        msg = f"the application sets {name}, a field between the server and its peer; remove it (PEP 3333, RFC 9110 7.6.1)"
        raise ValueError(msg)
    return name.lower().encode("ascii")  # ASGI requires lower-case names
