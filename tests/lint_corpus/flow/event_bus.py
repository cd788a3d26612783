"""An event bus, to which a decorator adds subscribers."""

import time
from collections import defaultdict

SUBSCRIBERS = defaultdict(list)


def on(event):
    def register(function):
        SUBSCRIBERS[event].append(function)
        return function

    return register


def emit(event, payload):
    for subscriber in SUBSCRIBERS[event]:
        subscriber(payload)


@on("saved")
def count(payload):
    return len(payload)


@on("saved")
def audit(payload):
    time.sleep(0.001)
    print(payload)


async def main():
    emit("saved", "order")  # BLOCKS: time.sleep
