"""Routes of starlette: sync endpoints run in threads."""

import time

import httpx
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def slow(request):
    time.sleep(0.001)  # BLOCKS: time.sleep
    return PlainTextResponse(request.url.path)


def in_thread(request):
    time.sleep(0.001)
    return PlainTextResponse("done")


app = Starlette(routes=[Route("/slow", slow), Route("/thread", in_thread)])


async def main():
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        for path in ("/slow", "/thread"):
            (await client.get(path)).raise_for_status()
