"""The first module of the chain."""

from b import second


def first():
    return second()
