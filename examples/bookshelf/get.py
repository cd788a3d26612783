"""Send a request to the project's ASGI application without a server: python get.py /count/."""

import asyncio
import sys

from asgiref.testing import ApplicationCommunicator
from bookshelf.asgi import application


async def main(path):
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "http.request"})
    print((await communicator.receive_output())["status"])
    print((await communicator.receive_output())["body"].decode())
    await communicator.wait()


asyncio.run(main(sys.argv[1]))
