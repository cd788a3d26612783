"""The second."""

from c import third


def second():
    return third()
