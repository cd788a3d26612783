"""Objects that ``partial`` and ``methodcaller`` make, called or not."""

import operator
import time
from functools import partial


class Clock:
    def pause(self, seconds=0.001):
        time.sleep(seconds)


wait = partial(time.sleep, 0.001)
quiet = partial(len, "a")


async def main():
    quiet()
    partial(wait)
    made = partial(Clock().pause, 0.001)
    wait()  # BLOCKS: time.sleep
    made()  # BLOCKS: time.sleep
    operator.methodcaller("pause")
    operator.attrgetter("pause")(Clock())
