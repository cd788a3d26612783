"""Attribute names that are only known at run time, and attributes that no source defines."""

import time


class Clock:
    def pause(self):
        time.sleep(0.001)

    def quiet(self):
        return 1


class Anything:
    def __getattr__(self, name):
        return lambda *arguments: name


async def main():
    for name in ["qui" + "et", "".join(["qui", "et"])]:
        getattr(Clock(), name)()
    Anything().sleep(1)
    Anything().execute("select 1")
    getattr(Anything(), "pause")()
