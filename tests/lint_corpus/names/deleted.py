"""A name that is deleted, and bound again."""

from time import sleep

wait = sleep
del sleep


def sleep(seconds):
    return seconds


async def main():
    sleep(1)
    wait(0.001)  # BLOCKS: time.sleep
