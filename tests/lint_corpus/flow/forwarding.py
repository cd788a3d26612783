"""Functions that pass on all of their arguments."""

import time


def call(function, *args, **kwargs):
    return function(*args, **kwargs)


def twice(*args, **kwargs):
    return call(*args, **kwargs), call(*args, **kwargs)


def pause(seconds=0.0, *, name=""):
    time.sleep(seconds)
    return name


async def main():
    call(dict, a=1)
    twice(str, 1)
    call(pause, 0.001, name="a")  # BLOCKS: time.sleep
    twice(pause, seconds=0.001)  # BLOCKS: time.sleep
