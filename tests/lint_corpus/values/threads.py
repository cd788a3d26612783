"""Threads, events and locks."""

import threading


async def main():
    event = threading.Event()
    event.wait(0.001)  # BLOCKS: threading.Event.wait
    event.wait(0)
    event.set()
    lock = threading.Lock()
    lock.acquire(blocking=False)
    lock.acquire(timeout=0.001)  # BLOCKS: threading.Lock
    worker = threading.Thread(target=threading.Event().wait, args=(0.05,))
    worker.start()
    worker.join()  # BLOCKS: threading.Thread.join
