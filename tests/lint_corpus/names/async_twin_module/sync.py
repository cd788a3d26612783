"""The sync function."""

import time


def load():
    time.sleep(0.001)
