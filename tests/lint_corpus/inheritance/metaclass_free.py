"""A method that returns its own instance."""

import time
from typing import TypeVar

S = TypeVar("S", bound="Query")


class Query:
    def filter(self: S) -> S:
        return self

    def run(self):
        time.sleep(0.001)


class Orders(Query):
    pass


async def main():
    Orders().filter().filter().run()  # BLOCKS: time.sleep
    Orders().filter()
