"""A ``match`` statement in which one case blocks."""

import time


def handle(message):
    match message:
        case {"kind": "ping"}:
            return 1
        case ["pause", seconds]:
            time.sleep(seconds)
        case str():
            return message
        case _:
            raise ValueError(message)
    return None


def named(name):
    match name:
        case "a" | "b":
            return name
        case _:
            return None


async def main():
    named("a")
    handle(["pause", 0.001])  # BLOCKS: time.sleep
