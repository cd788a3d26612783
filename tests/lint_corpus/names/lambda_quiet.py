"""Lambdas that are made and kept, and those whose own names hide others."""

import time

waits = [lambda: time.sleep(0.001)]


def keep(function):
    waits.append(function)


class Clock:
    sleep = lambda self, seconds: seconds


async def main():
    pause = lambda: time.sleep(0.001)
    keep(pause)
    keep(lambda: time.sleep(0.001))
    (lambda time: time.sleep(1))(Clock())
    len(waits)
