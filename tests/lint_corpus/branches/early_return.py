"""Early returns, with the constants that decide them."""

import time


def with_client(client=None):
    if client is None:
        return None
    time.sleep(0.001)
    return client


def verbose(text, debug=False):
    if debug:
        time.sleep(0.001)
    return text


DEBUG = False


def traced():
    if not DEBUG:
        return
    time.sleep(0.001)


async def main():
    verbose("a")
    with_client(None)
    with_client()
    with_client(1)  # BLOCKS: time.sleep
    verbose("a", debug=True)  # BLOCKS: time.sleep
