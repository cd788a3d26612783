"""Arguments that are passed on."""

import time


def slow(seconds, *, times=1):
    for _ in range(times):
        time.sleep(seconds)


def call(function, *arguments, **named):
    return function(*arguments, **named)


async def main():
    call(slow, 0.001, times=1)  # BLOCKS: time.sleep
    call(call, slow, 0.001)  # BLOCKS: time.sleep
    call(len, [1])
