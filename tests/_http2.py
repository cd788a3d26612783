"""A client of HTTP/2 without TLS, for tests that HTTP/1.1 is not enough for."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, ResponseReceived, StreamEnded, StreamReset

SECONDS = 20  # seconds until a test stops waiting


@dataclass
class Stream:
    """The response to one request.

    Attributes:
        headers: The headers, the status among them.
        body: What has arrived of the body.
        end: ``"whole"``, ``"reset"`` if the server reset the stream, ``"closed"`` if it closed the connection, or
            ``"silence"`` if nothing arrived for the time that the test allows.
    """

    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    end: str = "silence"


def fetch(port: int, path: str, method: str = "GET", seconds: float = SECONDS) -> Stream:
    """Send one request on a new connection, and return what arrives until there is silence for ``seconds``."""
    stream = Stream()
    client = H2Connection(H2Configuration(header_encoding="latin-1"))
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        client.initiate_connection()
        head = [(":method", method), (":path", path), (":scheme", "http"), (":authority", "127.0.0.1")]
        client.send_headers(1, head, end_stream=True)
        connection.sendall(client.data_to_send())
        while True:
            try:
                data = connection.recv(65536)
            except TimeoutError:
                return stream
            if not data:
                stream.end = "closed"
                return stream
            event: Any
            for event in client.receive_data(data):
                if isinstance(event, ResponseReceived):
                    stream.headers = {str(name): str(value) for name, value in event.headers}
                elif isinstance(event, DataReceived):
                    stream.body += event.data
                    client.acknowledge_received_data(event.flow_controlled_length, 1)
                elif isinstance(event, (StreamEnded, StreamReset, ConnectionTerminated)):
                    stream.end = {StreamEnded: "whole", StreamReset: "reset"}.get(type(event), "closed")
                    return stream
            connection.sendall(client.data_to_send())
