"""run_in_threadpool and iterate_in_threadpool of starlette."""

import time

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool


def rows(count):
    for number in range(count):
        time.sleep(0.001)
        yield number


def load(count):
    return list(rows(count))


async def main():
    await run_in_threadpool(load, 2)
    await run_in_threadpool(lambda: load(2))
    async for row in iterate_in_threadpool(rows(2)):
        print(row)
    await run_in_threadpool(print, load(1))  # BLOCKS: time.sleep
