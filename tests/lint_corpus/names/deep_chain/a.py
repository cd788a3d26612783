"""The first."""

from b import second


def first():
    return second()
