"""A connection of the standard library's HTTP client, to a port on which no server listens."""

import http.client


async def main():
    connection = http.client.HTTPConnection("127.0.0.1", 9, timeout=1)
    connection.set_debuglevel(0)
    connection.host
    try:
        connection.request("GET", "/")  # BLOCKS: http.client.HTTPConnection.request, socket.connect
    except OSError:
        pass
    connection.close()
