"""Calls with arguments that make them not wait."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess


def prepare():
    global ended, left, reader, writer
    ended = subprocess.Popen(["true"])
    ended.wait()
    left, right = socket.socketpair()
    right.send(b"hello")
    reader, writer = os.pipe()


async def main():
    fcntl.flock(writer, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(writer, fcntl.LOCK_UN)
    socket.getaddrinfo("127.0.0.1", 80)
    socket.getaddrinfo(None, 80, flags=socket.AI_PASSIVE)
    with contextlib.suppress(OSError):
        socket.getaddrinfo("example.org", 80, flags=socket.AI_NUMERICHOST | socket.AI_PASSIVE)
    socket.getnameinfo(("127.0.0.1", 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
    left.recv(10, socket.MSG_DONTWAIT)
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.connect(("127.0.0.1", 9))
    datagrams.close()
    ended.wait(timeout=0)
    ended.communicate(timeout=0)
    signal.sigtimedwait({signal.SIGUSR1}, 0)
