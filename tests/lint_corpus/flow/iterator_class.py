"""Iterator classes that block in each step, or in none."""

import time


class Rows:
    def __init__(self, count, wait):
        self.left = count
        self.wait = wait

    def __iter__(self):
        return self

    def __next__(self):
        if self.left == 0:
            raise StopIteration
        self.left -= 1
        self.fetch()
        return self.left

    def fetch(self):
        time.sleep(self.wait)


class Words:
    def __init__(self, text):
        self.text = text

    def __iter__(self):
        return iter(self.text.split())


async def main():
    rows = Rows(2, 0.001)
    for word in Words("a b"):
        print(word)
    next(rows)  # BLOCKS: time.sleep
    for row in rows:  # BLOCKS: time.sleep
        print(row)
