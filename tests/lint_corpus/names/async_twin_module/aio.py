"""The async one."""

import asyncio


async def load():
    await asyncio.sleep(0)
