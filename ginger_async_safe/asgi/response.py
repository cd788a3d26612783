"""The response of a WSGI application, as the messages of ASGI."""

from __future__ import annotations

import re
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

__all__ = ["Message", "Response", "plain_response"]

Message = dict[str, Any]

_STATUS = re.compile(r"[2-9][0-9]{2}(?: [^\x00-\x1f\x7f]*)?")  # 1xx is no final response: RFC 9110 15.2
_LENGTH = re.compile(r"[0-9]{1,18}")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # a token: RFC 9110 5.6.2
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # RFC 9110 5.5; a newline would begin a header of its own
_WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


class Response:
    """What one call of a WSGI application answers.

    Nothing is sent before the first bytes of the body are there, so an application may still change its mind.

    Args:
        method: The request's method.
        send: Takes the messages, in order; may wait for a slow client.
    """

    def __init__(self, method: str, send: Callable[[Message], None]) -> None:
        self._is_head = method == "HEAD"
        self._send = send
        self._start: Message | None = None
        self._left: int | None = None
        self._is_finished = False
        self.started: bool = False
        """Whether the head of the response is on its way, so that it cannot be changed."""

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        """Take status and headers, as PEP 3333 says.

        Args:
            status: Code and reason, as ``"200 OK"``.
            headers: Names and values.
            exc_info: Given where the application answers an error of its own; replaces what was taken before.

        Returns:
            ``write``, which sends bytes of the body at once.

        Raises:
            AssertionError: Where it is called twice without ``exc_info``.
            BaseException: The one in ``exc_info``, where the response is on its way already.
            TypeError: Where status, a name or a value is not a ``str``.
            ValueError: Where one of them holds what HTTP does not allow.
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
        left = _checked_length([value for name, value in checked if name == b"content-length"])
        self._start = {"type": "http.response.start", "status": _checked_status(status), "headers": checked}
        self._left = left
        return self.write

    def write(self, data: bytes) -> None:
        """Send bytes of the body, the head of the response before the first ones.

        Raises:
            AssertionError: Where ``start_response`` has not been called, or the response has ended.
            TypeError: Where ``data`` is not ``bytes``.
            ValueError: Where there are more bytes than Content-Length says.
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
        if self._has_no_body(self._start):
            self._send_head(self._start)
            return
        if self._left is not None:
            if len(data) > self._left:
                msg = f"the application sent {len(data) - self._left} bytes more than its Content-Length says"
                raise ValueError(msg)
            self._left -= len(data)
        self._send_head(self._start)
        self._send({"type": "http.response.body", "body": data, "more_body": True})

    @property
    def is_headed_only(self) -> bool:
        """Whether the head is on its way and no body may follow it: HEAD, 204, 304."""
        return self.started and self._start is not None and self._has_no_body(self._start)

    def finish(self) -> None:
        """Send what ends the response.

        Raises:
            AssertionError: Where ``start_response`` has not been called.
            ValueError: Where there are fewer bytes than Content-Length says.
        """
        if self._start is None:
            msg = "the application returned without calling start_response (PEP 3333)"
            raise AssertionError(msg)
        if self._left and not self._has_no_body(self._start):
            msg = f"the application sent {self._left} bytes fewer than its Content-Length says"
            raise ValueError(msg)
        self._is_finished = True
        self._send_head(self._start)
        self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _has_no_body(self, start: Message) -> bool:
        return self._is_head or start["status"] in _WITHOUT_BODY

    def _send_head(self, start: Message) -> None:
        if not self.started:
            self.started = True
            self._send(start)


def plain_response(status: HTTPStatus, *headers: tuple[bytes, bytes]) -> list[Message]:
    """Return the messages of a response that says its status, and no more than that.

    Args:
        status: The status.
        headers: Names and values beyond those of the body.
    """
    body = status.phrase.encode("ascii")
    described = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)), *headers]
    return [
        {"type": "http.response.start", "status": status.value, "headers": described},
        {"type": "http.response.body", "body": body, "more_body": False},
    ]


@lru_cache(maxsize=256)
def _checked_status(status: str) -> int:
    if not isinstance(status, str):
        msg = f'a status is a str such as "200 OK", not {type(status).__name__}'
        raise TypeError(msg)
    if not _STATUS.fullmatch(status):
        msg = f'{status!r} is not a status; write three digits and a reason, as "200 OK"'
        raise ValueError(msg)
    return int(status[:3])


def _checked_length(values: list[bytes]) -> int | None:
    """Return how many bytes the body has, where the headers say so."""
    if not values:
        return None
    if len(set(values)) > 1 or not _LENGTH.fullmatch(values[0].decode("latin-1")):
        msg = f"Content-Length is {b', '.join(values).decode('latin-1')!r}; give one number of bytes (RFC 9110 8.6)"
        raise ValueError(msg)
    return int(values[0])


def _checked_header(name: object, value: object) -> tuple[bytes, bytes]:
    if not isinstance(name, str) or not isinstance(value, str):
        msg = f"the name and value of a header are str, not {type(name).__name__} and {type(value).__name__}"
        raise TypeError(msg)
    if not value.isprintable() and _FORBIDDEN.search(value):
        msg = f"the value of the header {name} holds a control character, such as a newline; remove it"
        raise ValueError(msg)
    return _checked_name(name), value.encode("latin-1")


@lru_cache(maxsize=1024)
def _checked_name(name: str) -> bytes:
    if not _NAME.fullmatch(name):
        msg = f"{name!r} is not the name of a header (RFC 9110 5.1)"
        raise ValueError(msg)
    return name.lower().encode("ascii")  # ASGI wants lower-case names
