"""Comprehensions run where they are written."""

import time


def slow(value):
    time.sleep(0.001)
    return value


async def main():
    [slow(value) for value in [1]]  # BLOCKS: time.sleep
    {slow(value) for value in [1]}  # BLOCKS: time.sleep
    {value: slow(value) for value in [1]}  # BLOCKS: time.sleep
    [value for value in [1] if slow(value)]  # BLOCKS: time.sleep
    [value for value in [1]]
