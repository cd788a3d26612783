"""Middleware of every kind; each leaves its name in a header of the response."""

from __future__ import annotations

import asyncio
from typing import Any

from asgiref.sync import iscoroutinefunction

from mixed._names import framework

decorators = framework("utils.decorators")


def _say(response: Any, name: str) -> Any:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        where = "thread"
    else:
        where = "loop"
    response.headers[f"X-{name}"] = where
    return response


@decorators.sync_and_async_middleware  # type: ignore[untyped-decorator]
def both(get_response: Any) -> Any:
    """Run on the loop or in a thread, wherever the request is."""
    if iscoroutinefunction(get_response):

        async def asynchronous(request: Any) -> Any:
            return _say(await get_response(request), "Both")

        return asynchronous

    def synchronous(request: Any) -> Any:
        return _say(get_response(request), "Both")

    return synchronous


@decorators.sync_only_middleware  # type: ignore[untyped-decorator]
def sync_only(get_response: Any) -> Any:
    """Run in a thread."""
    return lambda request: _say(get_response(request), "Sync")


@decorators.async_only_middleware  # type: ignore[untyped-decorator]
def async_only(get_response: Any) -> Any:
    """Run on the loop."""

    async def asynchronous(request: Any) -> Any:
        return _say(await get_response(request), "Async")

    return asynchronous


class other_urls(framework("utils.deprecation").MiddlewareMixin):  # type: ignore[misc] # noqa: N801 - named like the others
    """Use other URLs for requests that select them."""

    def process_request(self, request: Any) -> None:
        if "HTTP_X_URLS" in request.META:
            request.urlconf = request.META["HTTP_X_URLS"]
