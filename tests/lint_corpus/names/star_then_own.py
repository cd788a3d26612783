"""What a star brings is hidden by a function of the same name below it."""

from time import *


def sleep(seconds):
    return seconds


async def main():
    sleep(1)
    perf_counter()
