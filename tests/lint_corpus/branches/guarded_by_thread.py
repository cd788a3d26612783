"""Branches for other threads than the event loop's, told by the thread."""

import asyncio
import threading
import time


class Core:
    def __init__(self):
        self.loop_thread_id = threading.get_ident()
        self.loop_thread = threading.current_thread()


def by_identifier(core):
    if core.loop_thread_id != threading.get_ident():
        time.sleep(0.001)


def by_identifier_early(core: Core):
    if threading.get_ident() == core.loop_thread_id:
        return
    time.sleep(0.001)


def by_main_thread():
    if threading.current_thread() is not threading.main_thread():
        time.sleep(0.001)
    if threading.current_thread().ident != threading.main_thread().ident:
        time.sleep(0.001)
    if threading.current_thread().name != "MainThread":
        time.sleep(0.001)


def by_thread(core: Core):
    if threading.current_thread() is not core.loop_thread:
        time.sleep(0.001)


def wrong_way():
    if threading.current_thread() is threading.main_thread():
        time.sleep(0.001)


class Lock:
    def __init__(self):
        self.owner = None
        self.lock = threading.Lock()

    def enter(self):
        if self.owner == threading.get_ident():
            return
        time.sleep(0.001)
        self.owner = threading.get_ident()


async def main():
    core = Core()
    by_identifier(core)
    by_identifier_early(core)
    by_main_thread()
    by_thread(core)
    wrong_way()  # BLOCKS: time.sleep
    Lock().enter()  # BLOCKS: time.sleep
    await asyncio.to_thread(by_main_thread)
