"""A parameter hides the name of the module."""

from time import sleep


def nothing(seconds):
    return seconds


async def wait(sleep):
    sleep(3)


async def main():
    await wait(nothing)
