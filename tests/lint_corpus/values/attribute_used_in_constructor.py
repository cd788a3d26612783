"""Attributes that methods read while the constructor, which calls them, still runs."""

import time


class Store:
    def __enter__(self):
        time.sleep(0.001)
        return self

    def __exit__(self, *_):
        pass


class Client:
    def send(self):
        time.sleep(0.001)


class Network:
    def __init__(self, store: Store):
        self.name = "network"
        self.store = store
        self.load_session()
        self.load_types()

    def load_session(self):
        self.name.upper()
        with self.store:
            self.session = None

    def load_types(self):
        self.name.upper()
        with self.store:
            self.types = {}

    async def connect(self):
        self.name.upper()
        with self.store:  # BLOCKS: time.sleep
            pass


class Lazy:
    def __init__(self):
        self.client = None

    def connect(self):
        self.ping()
        self.client = Client()

    def ping(self):
        if self.client:
            self.client.send()

    async def run(self):
        print(self.client)
        self.ping()  # BLOCKS: time.sleep


lazy = Lazy()


def prepare():
    lazy.connect()


async def main():
    network = Network(Store())  # BLOCKS: time.sleep
    await network.connect()
    await lazy.run()
