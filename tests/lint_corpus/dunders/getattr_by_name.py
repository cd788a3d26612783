"""``getattr`` with a literal name."""

import time


class Clock:
    def pause(self):
        time.sleep(0.001)

    def quiet(self):
        return 1


async def main():
    getattr(Clock(), "pause")()  # BLOCKS: time.sleep
    getattr(time, "sleep")(0.001)  # BLOCKS: time.sleep
    getattr(Clock(), "quiet")()
    getattr(Clock(), "nothing", None)
