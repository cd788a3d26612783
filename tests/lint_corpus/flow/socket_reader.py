"""A callback for a readable socket."""

import asyncio
import socket
import time


def readable(right, done):
    right.recv(1)
    time.sleep(0.001)  # BLOCKS: time.sleep
    done.set()


async def main():
    loop = asyncio.get_running_loop()
    left, right = socket.socketpair()
    left.setblocking(False)
    right.setblocking(False)
    done = asyncio.Event()
    loop.add_reader(right, readable, right, done)
    await loop.sock_sendall(left, b"x")
    await done.wait()
    loop.remove_reader(right)
    left.close()
    right.close()
