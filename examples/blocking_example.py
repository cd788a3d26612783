import asyncio
import time


def query():
    time.sleep(0.2)  # simulates a slow database query


async def clock(ticks):
    while True:
        ticks.append(time.monotonic())
        await asyncio.sleep(0.01)


async def main():
    ticks = []
    ticking = asyncio.create_task(clock(ticks))
    await asyncio.sleep(0)  # the clock makes its first tick

    before = len(ticks)
    query()
    print("the clock ticks while the loop's thread runs the query:", len(ticks) > before)

    before = len(ticks)
    await asyncio.to_thread(query)
    print("the clock ticks while another thread runs the query:", len(ticks) > before)
    ticking.cancel()


asyncio.run(main())
