"""Thread primitives that are waited for on the loop, or in a thread."""

import asyncio
import queue
import threading


async def main():
    event, items = threading.Event(), queue.Queue()
    threading.Timer(0.05, event.set).start()
    event.wait()  # BLOCKS: threading.Event.wait
    threading.Timer(0.05, items.put, [1]).start()
    items.get(timeout=1)  # BLOCKS: queue.Queue.get
    other = threading.Event()
    threading.Timer(0.05, other.set).start()
    await asyncio.to_thread(other.wait)
    other.is_set()
    items.qsize()
