"""Errors for servers that run on an event loop library other than asyncio."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ginger_async_safe.asgi.response import plain_response
from ginger_async_safe.detect import current_async_library
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

__all__ = ["RequiredLoop"]


class RequiredLoop:
    """Refuses every connection of a server that does not run on asyncio.

    Args:
        name: The public name of the object that requires asyncio, for the error.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._was_raised = False

    def is_missing(self) -> bool:
        """Return whether the calling code runs on another library's loop."""
        return current_async_library() not in {None, "asyncio"}

    def error(self) -> ConfigurationError:
        """Return the error that names the library in use and how to start the server on asyncio."""
        return ConfigurationError(
            f"{self._name} runs on asyncio, and this server runs on {current_async_library()}; "
            "start the server on asyncio or uvloop, as in: hypercorn --worker-class asyncio"
        )

    async def refuse_lifespan(self, receive: Receive, send: Send) -> None:
        """Make the server fail at start-up, with the error as its message."""
        await receive()
        await send({"type": "lifespan.startup.failed", "message": f"ConfigurationError: {self.error()}"})

    async def refuse_request(self, send: Send) -> None:
        """Answer with status 500.

        Raises:
            ConfigurationError: For the first request, so that the server logs it, and sends the response itself.
        """
        if not self._was_raised:
            self._was_raised = True
            raise self.error() from None
        for message in plain_response(HTTPStatus.INTERNAL_SERVER_ERROR):
            await send(message)
