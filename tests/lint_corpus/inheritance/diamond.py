"""The order of methods in a diamond of classes."""

import time


class Root:
    def run(self):
        time.sleep(0.001)


class Left(Root):
    pass


class Right(Root):
    def run(self):
        return None


class Bottom(Left, Right):
    pass


async def main():
    Bottom().run()
    Left().run()  # BLOCKS: time.sleep
