"""Async tests: their lines are reported, and those of sync tests are not."""

import asyncio
import time


def load():
    time.sleep(0.001)
    return [1]


def test_sync():
    assert load() == [1]


async def test_async():
    await asyncio.sleep(0)
    assert load() == [1]  # BLOCKS: time.sleep


class TestLoad:
    async def test_in_thread(self):
        assert await asyncio.to_thread(load) == [1]


async def main():
    test = TestLoad()
    await test_async()
    await test.test_in_thread()
