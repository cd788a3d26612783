"""A decorator that registers functions, and a function that calls all of them."""

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
