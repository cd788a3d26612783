"""Names for types that are called or subscripted, and are no annotation."""

import time
from typing import Generic, List, NewType, TypeVar

T = TypeVar("T")
Seconds = NewType("Seconds", float)
Texts = List[str]


class Stack(Generic[T]):
    def __init__(self):
        self.items: List[T] = []

    def sleep(self):
        self.items.clear()


class Sleeper:
    def sleep(self):
        time.sleep(0.001)


Sleepers = Stack[Sleeper]


async def wait(stack: Sleepers, names: Texts):
    stack.sleep()
    return names


async def main():
    stack = Sleepers()
    stack.sleep()
    await wait(stack, [])
    return Seconds(1.5)
