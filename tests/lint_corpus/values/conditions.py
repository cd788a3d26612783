"""A condition and a semaphore that no other thread notifies."""

import threading


class Turns:
    def __init__(self):
        self.changed = threading.Condition()
        self.free = threading.Semaphore(0)

    def wait(self):
        with self.changed:
            return self.changed.wait(0.001)

    def take(self):
        return self.free.acquire(timeout=0.001)

    def give(self):
        self.free.release()
        with self.changed:
            self.changed.notify_all()


async def main():
    turns = Turns()
    turns.wait()  # BLOCKS: threading.Condition.wait
    turns.take()  # BLOCKS: threading.Semaphore.acquire
    turns.give()
