"""A method of the base class calls a method that the subclass implements."""

import time


class Job:
    def run(self):
        self.before()
        self.work()

    def before(self):
        return None

    def work(self):
        raise NotImplementedError


class Slow(Job):
    def work(self):
        time.sleep(0.001)


class Quick(Job):
    def work(self):
        return 1


async def main():
    Quick().run()
    Slow().run()  # BLOCKS: time.sleep
