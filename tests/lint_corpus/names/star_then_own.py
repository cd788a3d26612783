"""A function hides a name of the star import above it."""

from time import *


def sleep(seconds):
    return seconds


async def main():
    sleep(1)
    perf_counter()
