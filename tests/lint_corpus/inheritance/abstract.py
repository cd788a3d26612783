"""A method that only the subclasses define."""

import abc
import time


class Task(abc.ABC):
    @abc.abstractmethod
    def run(self): ...

    def start(self):
        return self.run()


class Slow(Task):
    def run(self):
        time.sleep(0.001)


class Fast(Task):
    def run(self):
        return 1


async def main():
    Slow().start()  # BLOCKS: time.sleep
    Fast().start()
