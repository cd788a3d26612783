"""Two modules with the same names, of which the imported one is used."""

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
