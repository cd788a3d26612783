"""A module with the name of a method, and attributes that are only read."""

import os
import socket
import subprocess
import time


async def main():
    time.monotonic()
    time.strftime("%Y")
    os.getpid()
    os.environ.get("HOME")
    os.path.join("a", "b")
    os.fspath("a")
    subprocess.PIPE
    subprocess.list2cmdline(["a", "b c"])
    socket.AF_INET
    socket.htons(1)
    os.sep.join(["a"])
