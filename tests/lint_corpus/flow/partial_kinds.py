"""Partials of functions and methods, called or only created."""

import time
from functools import partial


class Client:
    def fetch(self, seconds):
        time.sleep(seconds)


def pause(seconds, name):
    time.sleep(seconds)
    return name


async def main():
    fetch = partial(Client().fetch, 0.001)
    named = partial(pause, name="a")
    unused = partial(pause, 3, "b")
    fetch()  # BLOCKS: time.sleep
    named(0.001)  # BLOCKS: time.sleep
    return unused.args
