"""Functions that block."""

import time


def wait():
    time.sleep(0.001)


def other():
    time.sleep(0.001)
