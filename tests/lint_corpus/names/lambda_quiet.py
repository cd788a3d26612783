"""Lambdas that are created and stored, and lambdas whose parameters hide other names."""

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
