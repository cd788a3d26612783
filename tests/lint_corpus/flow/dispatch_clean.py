"""Handlers that are async, or do not block."""

import asyncio


async def wait(payload):
    await asyncio.sleep(payload)


async def echo(payload):
    return payload


HANDLERS = {"wait": wait, "echo": echo}
FORMATS = {"upper": str.upper, "title": str.title}


async def main():
    await HANDLERS["wait"](0)
    for handler in HANDLERS.values():
        await handler(0)
    return [form("a b") for form in FORMATS.values()]
