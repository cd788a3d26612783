"""A name that is bound again: the last binding is used."""

from time import sleep


def sleep(seconds):
    return seconds


async def main():
    sleep(3)
