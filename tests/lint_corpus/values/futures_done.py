"""Results of futures that are done."""

import asyncio
import concurrent.futures
import time
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(4)


def work():
    time.sleep(0.01)
    return 1


def failure(future: concurrent.futures.Future | asyncio.Future):
    return future.exception()


async def waited(tasks):
    done, _ = await asyncio.wait(tasks)
    for task in done:
        failure(task)


async def wrapped():
    future = pool.submit(work)
    await asyncio.wrap_future(future)
    other = pool.submit(work)
    await asyncio.wait_for(asyncio.wrap_future(other), 5)
    return future.result() + other.result()


async def asked():
    future = pool.submit(work)
    if future.done():
        future.result()
    while not future.done():
        await asyncio.sleep(0.001)
    return future.result() if future.done() else None


async def early():
    future = pool.submit(work)
    if not future.done():
        return None
    return future.result()


async def at_once():
    futures = [pool.submit(work)]
    done, rest = concurrent.futures.wait(futures, timeout=0)
    for future in done:
        future.result()
    for future in rest:
        future.result()  # BLOCKS: concurrent.futures.Future.result


async def main():
    await waited({asyncio.ensure_future(asyncio.sleep(0))})
    await wrapped()
    await asked()
    await early()
    await at_once()
    future = pool.submit(work)
    if not future.done():
        future.result()  # BLOCKS: concurrent.futures.Future.result
