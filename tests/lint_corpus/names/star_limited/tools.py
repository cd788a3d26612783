"""Tools, of which one is handed out."""

import time

__all__ = ["wait"]


def wait():
    time.sleep(0.001)


def pause(seconds):
    time.sleep(seconds)
