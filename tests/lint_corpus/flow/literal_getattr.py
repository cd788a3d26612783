"""Attribute names that are written as strings."""

import operator
import time


class Client:
    def fetch(self):
        time.sleep(0.001)

    def ping(self):
        return 1


async def main():
    client = Client()
    getattr(client, "ping")()
    getattr(client, "fetch")()  # BLOCKS: time.sleep
    getattr(time, "sleep")(0.001)  # BLOCKS: time.sleep
    operator.methodcaller("fetch")(client)  # BLOCKS: time.sleep
    return hasattr(client, "fetch"), getattr(client, "fetch", None)
