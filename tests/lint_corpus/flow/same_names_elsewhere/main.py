"""Two modules with the same names: the one that is imported counts."""

import slow
from quick import Client, load


class Caller:
    def __init__(self, client):
        self.client = client

    def call(self):
        return self.client.fetch()


async def main():
    load("a")
    Client().fetch()
    Caller(Client()).call()
    print(slow.load, slow.Client)
