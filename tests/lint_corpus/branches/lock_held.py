"""Thread locks: acquiring a free one does not wait, and acquiring one that a thread holds does."""

import threading
import time

FREE = threading.Lock()
HELD = threading.Lock()


def hold(started):
    with HELD:
        started.set()
        time.sleep(0.05)


async def main():
    with FREE:
        count = 1
    started = threading.Event()
    threading.Thread(target=hold, args=(started,)).start()
    while not started.is_set():
        count += 1
    HELD.acquire()  # BLOCKS: threading.Lock
    HELD.release()
