"""Waits with a timeout of zero, and one with a longer timeout."""

import queue
import select
import socket
import time


async def main():
    time.sleep(0)
    left, right = socket.socketpair()
    select.select([left], [], [], 0)
    select.select([left], [], [], 0.001)  # BLOCKS: select.select
    items = queue.Queue()
    try:
        items.get(timeout=0.001)  # BLOCKS: queue.Queue.get
    except queue.Empty:
        items.put(1)
    left.close()
    right.close()
