"""Functions that are returned, and then called, or not."""

import time


def slow():
    return time.sleep


def quick():
    return len


def maker(seconds):
    def wait():
        time.sleep(seconds)

    return wait


async def main():
    slow()
    quick()("a")
    maker(1)
    slow()(0.001)  # BLOCKS: time.sleep
    maker(0.001)()  # BLOCKS: time.sleep
