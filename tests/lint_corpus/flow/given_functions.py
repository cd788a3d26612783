"""Functions that are passed to functions of the project."""

import time


def slow():
    time.sleep(0.001)


def quiet():
    return 1


def call(function):
    return function()


def keep(function):
    return [function]


async def main():
    call(slow)  # BLOCKS: time.sleep
    call(quiet)
    call(lambda: time.sleep(0.001))  # BLOCKS: time.sleep
    keep(slow)
