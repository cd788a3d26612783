"""A program that does not use this library."""

import asyncio
import time


def post(order):
    time.sleep(0.01)  # simulates a client that waits for a server


async def main():
    for order in range(3):
        post(order)
    print("posted")


asyncio.run(main())
