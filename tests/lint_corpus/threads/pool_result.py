"""Waiting for the result of a pool."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(1)


def submitted():
    return pool.submit(threading.Event().wait, 0.05)


async def main():
    submitted().result()  # BLOCKS: concurrent.futures.Future.result
    list(pool.map(threading.Event().wait, [0.05]))  # BLOCKS: concurrent.futures.Future.result
    await asyncio.wrap_future(submitted())
    pool.shutdown(wait=False)
