"""A decorator that is a class."""

import time


class Counted:
    def __init__(self, function):
        self.function = function

    def __call__(self, *arguments):
        return self.function(*arguments)


@Counted
def slow(value):
    time.sleep(0.001)
    return value


@Counted
def quiet(value):
    return value


async def main():
    slow(1)  # BLOCKS: time.sleep
    quiet(1)
