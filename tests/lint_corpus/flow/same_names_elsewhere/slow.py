"""Functions that block."""

import time


def load(name):
    time.sleep(0.001)
    return name


class Client:
    def fetch(self):
        return load("a")
