"""asyncio's sleep, under the name that time.sleep usually has."""

import asyncio as time
from asyncio import sleep


async def main():
    await sleep(0)
    await time.sleep(0)
