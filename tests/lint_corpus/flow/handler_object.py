"""Handler objects."""

import time


class Slow:
    def handle(self):
        time.sleep(0.001)


class Quiet:
    def handle(self):
        return 1


def make(name):
    return Slow() if name == "slow" else Quiet()


async def main():
    make("slow").handle()  # BLOCKS: time.sleep
    make("quiet").handle()
