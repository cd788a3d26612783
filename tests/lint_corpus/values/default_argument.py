"""A function as the default value of a parameter."""

import time


def quiet(seconds):
    return seconds


def call(wait=time.sleep):
    wait(0.001)


async def main():
    call()  # BLOCKS: time.sleep
    call(quiet)
    call(wait=quiet)
