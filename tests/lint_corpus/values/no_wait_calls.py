"""Calls with arguments that make them not wait."""

import queue
import threading

jobs = queue.Queue()
lock = threading.Lock()
turns = threading.Semaphore(1)


async def main():
    jobs.put_nowait(1)
    jobs.get_nowait()
    jobs.put(2, block=False)
    jobs.get(block=False)
    jobs.put(3, False)
    jobs.get(False)
    lock.acquire(False)
    lock.locked()
    lock.release()
    turns.acquire(blocking=False)
    turns.release()
    jobs.qsize()
