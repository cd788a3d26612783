"""Command objects in a list."""

import time
from abc import ABC, abstractmethod


class Command(ABC):
    @abstractmethod
    def execute(self): ...


class Print(Command):
    def execute(self):
        print("printed")


class Wait(Command):
    def execute(self):
        time.sleep(0.001)


async def main():
    only_print = Print()
    only_print.execute()
    for command in [Print(), Wait()]:
        command.execute()  # BLOCKS: time.sleep
