"""An async iterator class: the lines in its methods are reported."""

import time


class Pages:
    def __init__(self, count):
        self.count = count

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.count == 0:
            raise StopAsyncIteration
        self.count -= 1
        self.load()  # BLOCKS: time.sleep
        return self.count

    def load(self):
        time.sleep(0.001)


async def main():
    async for page in Pages(2):
        print(page)
    return [page async for page in Pages(1)]
