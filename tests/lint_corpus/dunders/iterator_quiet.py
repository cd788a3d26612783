"""Classes whose iteration does not block, although other methods do."""

import time


class Pages:
    def __init__(self, count):
        self.left = count

    def __iter__(self):
        return self

    def __next__(self):
        if not self.left:
            raise StopIteration
        self.left -= 1
        return self.left

    def __len__(self):
        return self.left

    def __reversed__(self):
        time.sleep(0.001)
        return iter([])

    def __del__(self):
        return None


async def main():
    for page in Pages(2):
        page
    list(Pages(2)), len(Pages(1))
    first, second = Pages(2)
    [*Pages(2)], sum(Pages(3)), 1 in Pages(2)
