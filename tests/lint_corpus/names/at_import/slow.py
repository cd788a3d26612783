"""A module that reads a file when it is imported."""

import time

with open(__file__) as file:
    TEXT = file.read()

time.sleep(0.001)


def read():
    return TEXT
