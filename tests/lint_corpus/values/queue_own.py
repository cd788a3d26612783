"""A queue class of the project, and a subclass of the library's that does not wait."""

import collections
import queue


class Queue:
    def __init__(self):
        self.items = collections.deque()

    def put(self, item):
        self.items.append(item)

    def get(self, timeout=None):
        return self.items.popleft()


class Full(queue.Queue):
    def get(self, block=True, timeout=None):
        return None


async def main():
    jobs = Queue()
    jobs.put(1)
    jobs.get(timeout=1)
    Full().get()
    queue.Empty, queue.Full
    Full().empty()
