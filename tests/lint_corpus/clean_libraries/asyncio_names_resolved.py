"""Name lookups, connections and sockets through the loop."""

import asyncio
import socket


async def main():
    loop = asyncio.get_running_loop()
    await loop.getaddrinfo("127.0.0.1", 80)
    left, right = socket.socketpair()
    left.setblocking(False)
    right.setblocking(False)
    await loop.sock_sendall(left, b"x")
    print(await loop.sock_recv(right, 1))
    left.close()
    right.close()
    try:
        await asyncio.open_connection("127.0.0.1", 1)
    except OSError as error:
        print(error)
