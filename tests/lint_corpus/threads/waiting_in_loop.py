"""Primitives of threads that are waited for here, or in a thread."""

import asyncio
import queue
import threading


def fill(event, items):
    event.set()
    items.put(1)


async def main():
    event, items = threading.Event(), queue.Queue()
    threading.Timer(0.01, fill, (event, items)).start()
    event.wait()  # BLOCKS: threading.Event.wait
    items.get(timeout=1)  # BLOCKS: queue.Queue.get
    other = threading.Event()
    threading.Timer(0.01, other.set).start()
    await asyncio.to_thread(other.wait)
    other.is_set()
    items.qsize()
