"""The async function."""

import asyncio


async def load():
    await asyncio.sleep(0)
