"""A socket that blocks, and one that does not."""

import socket


async def main():
    first, second = socket.socketpair()
    first.send(b"x")  # BLOCKS: socket.send
    second.recv(1)  # BLOCKS: socket.recv
    first.close()
    second.close()
    quiet = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    quiet.setblocking(False)
    quiet.sendto(b"x", ("127.0.0.1", 9))
    quiet.close()
