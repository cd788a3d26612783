"""``map`` of a pool: calling it does not wait, and consuming its result does."""

import time
from concurrent.futures import ThreadPoolExecutor, as_completed

POOL = ThreadPoolExecutor(2)


def pause(seconds):
    time.sleep(seconds)
    return seconds


async def main():
    results = POOL.map(pause, [0.05, 0.05])
    total = sum(results)  # BLOCKS: concurrent.futures.Future.result
    futures = [POOL.submit(pause, 0.05)]
    for future in as_completed(futures):  # BLOCKS: threading.Event.wait
        total += future.result()
    return total
