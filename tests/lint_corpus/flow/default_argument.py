"""Functions as default values of parameters, and as arguments in their place."""

import asyncio
import time


def call_after(function, wait=time.sleep):
    wait(0.001)
    return function()


async def call_later(function, wait=asyncio.sleep):
    await wait(0.001)
    return function()


def nothing(seconds):
    return seconds


async def main():
    await call_later(dict)
    call_after(dict, wait=nothing)
    call_after(dict)  # BLOCKS: time.sleep
