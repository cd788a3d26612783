"""Thread primitives with arguments that make them not wait."""

import queue
import threading
from concurrent.futures import Future


async def main():
    items = queue.Queue()
    items.put_nowait(1)
    items.get_nowait()
    items.put(2, block=False)
    items.get(block=False)
    items.put(3)
    lock = threading.Lock()
    if lock.acquire(blocking=False):
        lock.release()
    if lock.acquire(False):
        lock.release()
    semaphore = threading.Semaphore(1)
    semaphore.acquire(blocking=False)
    event = threading.Event()
    event.set()
    done = Future()
    done.set_result(1)
    return done.done(), event.is_set()
