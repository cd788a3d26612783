"""Methods that convert a value to text."""

import time


class Slow:
    def __str__(self):
        time.sleep(0.001)
        return ""


class Quiet:
    def __repr__(self):
        return ""


async def main():
    slow = Slow()
    str(slow)  # BLOCKS: time.sleep
    f"{slow}"  # BLOCKS: time.sleep
    "%s" % slow  # BLOCKS: time.sleep
    "{}".format(slow)  # BLOCKS: time.sleep
    print(slow)  # BLOCKS: time.sleep
    f"{slow!r}"
    str(Quiet())
