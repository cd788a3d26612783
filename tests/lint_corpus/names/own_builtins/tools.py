"""Tools, in memory."""

import io


def open(name, mode="r"):
    return io.StringIO(name)


def input(question):
    return question


def print(value):
    return str(value)
