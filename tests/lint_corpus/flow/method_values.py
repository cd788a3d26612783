"""Methods in variables."""

import time


class Clock:
    def pause(self):
        time.sleep(0.001)

    def quiet(self):
        return 1


async def main():
    pause = Clock().pause
    pause()  # BLOCKS: time.sleep
    methods = [Clock().quiet]
    methods[0]()
    for method in (Clock().pause,):
        method()  # BLOCKS: time.sleep
