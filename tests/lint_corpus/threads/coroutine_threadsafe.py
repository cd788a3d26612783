"""Waiting for a coroutine of the loop is allowed in a thread, and not on the loop."""

import asyncio
import threading


async def answer():
    await asyncio.sleep(0.001)
    return 1


def work(loop):
    return asyncio.run_coroutine_threadsafe(answer(), loop).result()


async def main():
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(work, loop)
    thread = threading.Thread(target=work, args=(loop,))
    thread.start()
    await asyncio.sleep(0.01)
    await asyncio.to_thread(thread.join)
