"""The second module of the chain."""

from c import third


def second():
    return third()
