"""A function as the default value of a parameter."""

import time


def quiet():
    return 1


def run(function=time.sleep):
    function(0.001)


def run_other(function=quiet):
    function()


async def main():
    run()  # BLOCKS: time.sleep
    run_other()
