"""Waiting for a lock that a thread holds, by ``with`` and by ``acquire``."""

import threading

held = threading.Lock()
begun = threading.Event()


def hold():
    with held:
        begun.set()
        threading.Event().wait(0.05)


def prepare():
    global holder
    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait()


async def main():
    held.acquire(timeout=0.001)  # BLOCKS: threading.Lock
    held.acquire()  # BLOCKS: threading.Lock
    held.release()
    held.acquire(False)
