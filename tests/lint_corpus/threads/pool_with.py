"""The end of a pool's ``with`` block waits for its work."""

import threading
from concurrent.futures import ThreadPoolExecutor


async def main():
    with ThreadPoolExecutor(1) as pool:  # BLOCKS: concurrent.futures.ThreadPoolExecutor.shutdown
        pool.submit(threading.Event().wait, 0.05)
