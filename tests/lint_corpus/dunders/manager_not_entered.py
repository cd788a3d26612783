"""A context manager that is created, but not entered."""

import time
from contextlib import contextmanager


class Slow:
    def __enter__(self):
        time.sleep(0.001)
        return self

    def __exit__(self, *_):
        return None


@contextmanager
def waiting():
    time.sleep(0.001)
    yield


async def main():
    slow = Slow()
    made = waiting()
    [slow, made]
    Slow().__exit__(None, None, None)
