"""Tools."""

from time import sleep

__all__ = ["sleep", "wait"]


def wait():
    sleep(0.001)
