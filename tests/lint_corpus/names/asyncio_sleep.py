"""The sleep of the loop, by the name that the other one usually has."""

import asyncio as time
from asyncio import sleep


async def main():
    await sleep(0)
    await time.sleep(0)
