"""A name is bound anew: the last binding counts."""

from time import sleep


def sleep(seconds):
    return seconds


async def main():
    sleep(3)
