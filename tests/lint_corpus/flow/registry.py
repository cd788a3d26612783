"""A decorator that registers, and what calls all that is registered."""

import time

HANDLERS = {}


def register(name):
    def decorator(function):
        HANDLERS[name] = function
        return function

    return decorator


@register("slow")
def slow():
    time.sleep(0.001)


@register("quiet")
def quiet():
    return 1


def dispatch(name):
    return HANDLERS[name]()


async def main():
    dispatch("slow")  # BLOCKS: time.sleep
