"""One of two modules that import each other."""

import second


def one(depth):
    return second.two(depth - 1) if depth else None
