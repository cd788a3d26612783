"""Code that asks whether its own event loop is the one that runs, and blocks only if it is not."""

import asyncio
import contextlib
import time


class Runner:
    def __init__(self, loop=None):
        self._loop = loop
        self._asynchronous = False

    @property
    def is_on_loop(self):
        try:
            return self._loop is asyncio.get_running_loop()
        except RuntimeError:
            return self._asynchronous

    def start(self):
        if not self.is_on_loop:
            time.sleep(0.001)

    def stop(self):
        if self._loop != asyncio.get_running_loop():
            time.sleep(0.001)


def several_statements():
    try:
        loop = asyncio.get_running_loop()
        loop.call_soon(len, "a")
    except RuntimeError:
        time.sleep(0.001)


def answered():
    try:
        asyncio.get_running_loop()
        return True
    except RuntimeError:
        return False


def suppressed():
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop()
        return
    time.sleep(0.001)


def by_truth():
    if not asyncio.get_event_loop().is_running():
        time.sleep(0.001)
    if asyncio.current_task() is None:
        time.sleep(0.001)


def other_error():
    try:
        int("a")
        asyncio.get_running_loop()
    except ValueError:
        time.sleep(0.001)


async def main():
    runner = Runner(asyncio.get_running_loop())
    runner.start()
    runner.stop()
    several_statements()
    if not answered():
        time.sleep(0.001)
    suppressed()
    by_truth()
    other_error()  # BLOCKS: time.sleep
