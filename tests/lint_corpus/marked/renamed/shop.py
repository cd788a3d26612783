"""A shop."""

import marks
from marks import blocking, unsafe


@blocking
def one():
    return 1


@unsafe
def two():
    return 2


@marks.unsafe("Not here.")
def three():
    return 3
