"""Futures of threads."""

import threading
from concurrent.futures import ThreadPoolExecutor


async def main():
    pool = ThreadPoolExecutor(1)
    event = threading.Event()
    future = pool.submit(event.wait, 0.05)
    future.result()  # BLOCKS: concurrent.futures.Future.result
    pool.shutdown(wait=False)
