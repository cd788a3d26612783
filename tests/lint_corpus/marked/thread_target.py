"""Marked functions as targets of threads, pools and callbacks of threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

from ginger_async_safe import async_unsafe


@async_unsafe
def recount(*arguments):
    return 1


pool = ThreadPoolExecutor(1)


class Worker(threading.Thread):
    def run(self):
        recount()


async def main():
    threading.Thread(target=recount, daemon=True).start()
    Worker(daemon=True).start()
    pool.submit(recount, 1)
    pool.map(recount, [1, 2])
    threading.Timer(0, recount).start()
