"""Sockets that do not block, or are read only when there is data."""

import socket


async def main():
    one, other = socket.socketpair()
    one.setblocking(False)
    other.setblocking(False)
    one.send(b"a")
    other.recv(1)
    one.fileno()
    one.getsockname()
    one.close()
    other.close()
    made = socket.socket()
    made.settimeout(0)
    made.close()
