"""``is``, ``id`` and ``type`` call no method of the class."""

import time


class Slow:
    def __eq__(self, other):
        time.sleep(0.001)
        return True

    def __bool__(self):
        time.sleep(0.001)
        return True

    def __str__(self):
        time.sleep(0.001)
        return ""

    __hash__ = None


async def main():
    slow = Slow()
    slow is None
    slow is not None
    id(slow)
    type(slow)
    isinstance(slow, Slow)
    [slow]
    (slow, 1)
    print(slow is slow)
