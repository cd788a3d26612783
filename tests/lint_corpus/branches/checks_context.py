"""Code that checks whether it runs in an async context."""

import time

from ginger_async_safe import in_async_context


def careful():
    if in_async_context():
        return None
    time.sleep(3)


def careful_too():
    if not in_async_context():
        time.sleep(3)
    return 1


def careless():
    if in_async_context():
        time.sleep(0.001)


async def main():
    careful()
    careful_too()
    careless()  # BLOCKS: time.sleep
