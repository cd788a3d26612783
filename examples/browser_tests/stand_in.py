"""A stand-in for Playwright and its browser, for machines that have no Chromium: a few of its methods, and its semantics.

As in Playwright's sync API, an asyncio loop runs in a child greenlet. A call creates a task and switches to the loop; when
the task is done, its done-callback switches back. The loop stays parked in that callback while the test goes on, although
asyncio reports it as running.
"""

import asyncio
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from greenlet import getcurrent, greenlet


@dataclass
class Response:
    """A response of the server."""

    url: str
    status: int
    body: str

    def json(self):
        return json.loads(self.body)


class Browser:
    """A loop in a greenlet of its own, and the pages that it opens."""

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._looping = greenlet(self._loop.run_forever)
        self.sync(asyncio.sleep(0))  # from here on, the loop is parked
        return self

    def __exit__(self, *_):
        self._loop.call_soon(self._loop.stop)
        while not self._looping.dead:
            self._looping.switch()
        self._loop.close()

    def sync(self, coroutine):
        """Run a coroutine on the loop, and leave the loop parked."""
        caller = getcurrent()
        task = self._loop.create_task(coroutine)
        task.add_done_callback(lambda _: caller.switch())
        while not task.done():
            self._looping.switch()
        return task.result()

    def new_page(self):
        return self.sync(self._new_page())

    async def _new_page(self):
        return Page(self)


class Page:
    """A page that shows plain text and JSON."""

    def __init__(self, browser):
        self._browser = browser
        self._handlers = []
        self._response = None

    def on(self, event, handler):
        """Register a handler, which is called in a greenlet of its own below the loop's."""
        assert event == "response"
        self._handlers.append(handler)

    def goto(self, url):
        return self._browser.sync(self._goto(url))

    def reload(self):
        return self.goto(self._response.url)

    def text_content(self, selector):
        assert selector == "pre"  # where browsers put what is not HTML
        return self._browser.sync(self._text())

    def close(self):
        self._handlers.clear()

    async def _goto(self, url):
        self._response = await fetch(url)
        for handler in self._handlers:
            greenlet(handler).switch(self._response)
        return self._response

    async def _text(self):
        return self._response.body


async def fetch(url):
    """Send one request, and return the response."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"GET {address.path or '/'} HTTP/1.0\r\nHost: {address.netloc}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.read()
    writer.close()
    await writer.wait_closed()
    return Response(url, int(head.split()[1]), body.decode())
