"""The other of two modules that import each other."""

import time

import first


def two(depth):
    time.sleep(0.001)
    return first.one(depth)
