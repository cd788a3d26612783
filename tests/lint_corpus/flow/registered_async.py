"""Handlers that a decorator registers: async ones that await, and sync ones that run in a thread."""

import asyncio
import time

JOBS = {}


def job(name, threaded=False):
    def register(function):
        if threaded:

            async def run(*args):
                return await asyncio.to_thread(function, *args)

            JOBS[name] = run
        else:
            JOBS[name] = function
        return function

    return register


@job("slow", threaded=True)
def slow():
    time.sleep(0.001)


@job("quick")
async def quick():
    await asyncio.sleep(0)


async def main():
    for name in ("slow", "quick"):
        await JOBS[name]()
