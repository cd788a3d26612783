"""ASGI middleware with three async endpoints in front of the bookshop that ``startproject`` creates.

Each of them gets the books from the same marked function: directly, in a thread, and under a grant.
"""

import json

from asgiref.sync import sync_to_async
from bookshop import db

from ginger_async_safe import SynchronousOnlyOperation, allow_async_unsafe


async def direct():
    """Call it on the event loop, where the guard stops it."""
    return {"books": db.list_books()}


async def in_thread():
    """Call it in a thread, as the error advises."""
    return {"books": await sync_to_async(db.list_books)()}


async def granted():
    """Call it on the event loop on purpose, under a grant."""
    with allow_async_unsafe(reason="three rows, read once", calls="bookshop.db.*") as grant:
        return {"books": db.list_books(), "granted": grant.matched}


ENDPOINTS = {"/async/direct": direct, "/async/in-thread": in_thread, "/async/granted": granted}


class AsyncEndpoints:
    """Serve the async endpoints, and pass every other request to ``application``."""

    def __init__(self, application):
        self.application = application

    async def __call__(self, scope, receive, send):
        endpoint = ENDPOINTS.get(scope.get("path"))
        if endpoint is None:
            await self.application(scope, receive, send)
            return
        try:
            status, body = 200, json.dumps(await endpoint())
        except SynchronousOnlyOperation as error:
            status, body = 500, str(error)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": body.encode()})
