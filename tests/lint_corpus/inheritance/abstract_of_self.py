"""An async method of an abstract class calls its abstract methods, which the classes that inherit it implement."""

import time
from abc import ABC, abstractmethod


class Task(ABC):
    @abstractmethod
    def work(self): ...

    def prepare(self):
        self.work()

    async def run(self):
        self.prepare()  # BLOCKS: time.sleep


class SlowTask(Task):
    def work(self):
        time.sleep(0.001)


class OwnTask(Task):
    def work(self):
        time.sleep(0.001)

    async def run(self):
        return None


async def main():
    await globals()["SlowTask"]().run()
    await globals()["OwnTask"]().run()
