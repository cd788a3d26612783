"""A sync and an async function of the same name, in two modules."""

import aio
from sync import load as load_sync


async def main():
    await aio.load()
    load_sync()  # BLOCKS: time.sleep
