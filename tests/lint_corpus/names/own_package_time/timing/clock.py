"""The clock."""


def sleep(seconds):
    return seconds
