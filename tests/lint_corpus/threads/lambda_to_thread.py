"""Lambdas and nested functions for threads, and arguments that are evaluated before."""

import asyncio
import os
import time


async def main():
    name = "/tmp"

    def work():
        time.sleep(0.001)
        return os.listdir(name)

    await asyncio.to_thread(work)
    await asyncio.to_thread(lambda: work())
    await asyncio.to_thread(lambda folder: os.listdir(folder), name)
    await asyncio.to_thread(print, os.listdir(name))  # BLOCKS: os.listdir
    await asyncio.to_thread(lambda count=len(os.listdir(name)): count)  # BLOCKS: os.listdir
