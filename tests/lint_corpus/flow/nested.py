"""Nested functions: those that are called are reported."""

import time


async def main():
    def slow():
        time.sleep(0.001)

    def never():
        time.sleep(3)

    slow()  # BLOCKS: time.sleep

    def outer():
        def inner():
            time.sleep(0.001)

        return inner

    outer()
    outer()()  # BLOCKS: time.sleep
    return never
