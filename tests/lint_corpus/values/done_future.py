"""Futures whose results are not read, and a pool that is not waited for."""

from concurrent.futures import Future, ThreadPoolExecutor

pool = ThreadPoolExecutor(1)


async def main():
    future = Future()
    future.set_result(1)
    future.done()
    future.cancel()
    future.add_done_callback(len)
    pool.submit(len, "a").running()
    pool.shutdown(wait=False)
