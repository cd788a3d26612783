"""Calls with arguments that make them not wait."""

import queue
import threading
import time


async def main():
    time.sleep(0)
    waiting = queue.Queue()
    waiting.put(1)
    waiting.get_nowait()
    waiting.put(1)
    waiting.get(block=False)
    waiting.put(1)
    waiting.get(False)
    waiting.put_nowait(2)
    waiting.get(timeout=0)
    lock = threading.Lock()
    lock.acquire(blocking=False)
    lock.acquire(False)
    lock.release()
    event = threading.Event()
    event.wait(0)
    event.wait(timeout=0)
    event.is_set()
    threading.Semaphore().acquire(blocking=False)
