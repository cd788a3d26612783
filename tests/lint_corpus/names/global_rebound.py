"""A function that is bound to a global name before anything runs."""

import time

pause = time.sleep


def quiet(seconds):
    return seconds


pause = quiet


async def main():
    pause(1)
