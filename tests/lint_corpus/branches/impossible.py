"""Branches whose conditions are always false."""

import time
from typing import Literal, NoReturn


def assert_never(value: NoReturn) -> NoReturn:
    raise AssertionError(value)


def mode(kind: Literal["a", "b"]):
    if kind == "a":
        return 1
    elif kind == "b":
        return 2
    else:
        assert_never(kind)
        time.sleep(1)


def refused():
    raise NotImplementedError


def broken():
    assert False, "never"
    time.sleep(1)


async def main():
    mode("a")
    for function in (refused, broken):
        try:
            function()
        except (NotImplementedError, AssertionError):
            pass
