"""Queues of threads."""

import queue


async def main():
    waiting = queue.Queue()
    try:
        waiting.get(timeout=0.001)  # BLOCKS: queue.Queue.get
    except queue.Empty:
        pass
    waiting.put(1)
    waiting.get_nowait()
    full = queue.Queue(1)
    full.put_nowait(1)
    try:
        full.put(2, timeout=0.001)  # BLOCKS: queue.Queue.put
    except queue.Full:
        pass
