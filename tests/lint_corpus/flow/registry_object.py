"""A registry object."""

import time


class Signal:
    def __init__(self):
        self.receivers = []

    def connect(self, receiver):
        self.receivers.append(receiver)
        return receiver

    def send(self):
        for receiver in self.receivers:
            receiver()


changed = Signal()
other = Signal()


@changed.connect
def slow():
    time.sleep(0.001)


async def main():
    changed.send()  # BLOCKS: time.sleep
    other.send()
