"""A closure that a function returns."""

import time


def make_waiter(seconds):
    def wait():
        time.sleep(seconds)

    return wait


def make_counter():
    count = 0

    def step():
        nonlocal count
        count += 1
        return count

    return step


async def main():
    step = make_counter()
    step()
    wait = make_waiter(0.001)
    wait()  # BLOCKS: time.sleep
    return make_waiter(3)
