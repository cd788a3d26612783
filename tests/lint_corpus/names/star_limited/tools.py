"""Tools, one of which is in ``__all__``."""

import time

__all__ = ["wait"]


def wait():
    time.sleep(0.001)


def pause(seconds):
    time.sleep(seconds)
