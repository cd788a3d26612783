"""Handlers in a dictionary, one of which blocks."""

import time


def ping(payload):
    return payload


def pause(payload):
    time.sleep(payload)


HANDLERS = {"ping": ping, "pause": pause}


async def dispatch(kind, payload):
    return HANDLERS[kind](payload)  # BLOCKS: time.sleep


async def main():
    await dispatch("ping", 1)
    await dispatch("pause", 0.001)
