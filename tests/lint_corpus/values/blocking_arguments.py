"""Similar calls with arguments that make them wait."""

import fcntl
import socket
import subprocess
import tempfile


def prepare():
    global child, file
    child = subprocess.Popen(["true"])
    file = tempfile.TemporaryFile()


async def main():
    fcntl.flock(file, fcntl.LOCK_EX)  # BLOCKS: fcntl.flock
    fcntl.flock(file, fcntl.LOCK_UN)
    try:
        socket.getaddrinfo("127.0.0.1.invalid", 80)  # BLOCKS: socket.getaddrinfo
    except OSError:
        pass
    child.wait(timeout=5)  # BLOCKS: subprocess.Popen.wait
