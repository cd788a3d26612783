"""Formatting the ``repr`` does not call ``__str__``."""

import time


class Slow:
    def __str__(self):
        time.sleep(0.001)
        return ""

    def __repr__(self):
        return "slow"


async def main():
    slow = Slow()
    repr(slow)
    f"{slow!r}"
    "%r" % slow
    "{!r}".format(slow)
    str([slow])
    f"{[slow]}"
