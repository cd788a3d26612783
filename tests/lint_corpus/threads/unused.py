"""Sync functions that async code only passes on."""

import asyncio
import subprocess


def listing():
    return subprocess.check_output(["true"])


JOBS = [listing]


async def main():
    for job in JOBS:
        await asyncio.to_thread(job)
