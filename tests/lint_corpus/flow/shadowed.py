"""Names of blocking functions that are bound to something else."""

import asyncio
from asyncio import sleep


def open(name):
    return {"name": name}


def input(prompt):
    return prompt


class time:
    @staticmethod
    def sleep(seconds):
        return seconds


async def main():
    await sleep(0)
    open("a")["name"]
    input("name: ")
    time.sleep(1)
    sleep_later = asyncio.sleep
    await sleep_later(0)
    requests = {}
    return requests.get("https://example.org")
