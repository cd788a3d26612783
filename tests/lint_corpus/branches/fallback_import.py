"""Imports with a fallback to a module of the project."""

import asyncio

try:
    from no_such_library import sleep
except ImportError:

    async def sleep(seconds):
        await asyncio.sleep(seconds)


try:
    import json as codec
except ImportError:
    codec = None


async def main():
    await sleep(0)
    if codec is not None:
        codec.dumps({"a": 1})
