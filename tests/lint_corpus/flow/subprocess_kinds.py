"""Processes of all kinds."""

import asyncio
import os
import subprocess


async def main():
    subprocess.run(["true"])  # BLOCKS: subprocess.run
    os.system("true")  # BLOCKS: os.system
    subprocess.check_call(["true"])  # BLOCKS: subprocess.check_call
    process = await asyncio.create_subprocess_shell("true")
    await process.communicate()
