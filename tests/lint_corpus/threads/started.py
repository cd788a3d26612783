"""Threads that are started."""

import threading
import time


def slow(seconds=0.001):
    time.sleep(seconds)


async def main():
    threading.Thread(target=slow).start()
    threading.Thread(target=slow, args=(0.001,), daemon=True).start()
    threading.Timer(0.001, slow).start()
