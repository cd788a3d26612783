"""A callback that a thread calls."""

import time
from concurrent.futures import ThreadPoolExecutor


def quiet(future):
    return None


async def main():
    pool = ThreadPoolExecutor(1)
    pool.submit(time.sleep, 0.001).add_done_callback(quiet)
    pool.shutdown(wait=False)
