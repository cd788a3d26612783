"""Containers of objects and classes that methods fill."""

import time
from dataclasses import dataclass, field


class Client:
    def send(self):
        time.sleep(0.001)


class Manager:
    shared = {}
    typed: dict[str, Client] = {}

    def __init__(self):
        self.clients = []
        self.by_name: dict[str, Client] = {}
        self.groups = {}

    def add(self):
        self.clients.append(Client())
        self.by_name["a"] = Client()
        self.groups.setdefault("a", []).append(Client())
        self.groups["a"] += [Client()]

    @classmethod
    def share(cls, name):
        cls.shared[name] = Client()

    @staticmethod
    def type(name):
        Manager.typed[name] = Client()


class Service(Manager):
    async def run(self):
        self.clients[0].send()  # BLOCKS: time.sleep
        self.by_name.pop("a", None).send()  # BLOCKS: time.sleep
        self.shared["a"].send()  # BLOCKS: time.sleep
        client = self.typed.pop("a", None)
        if client:
            client.send()  # BLOCKS: time.sleep


@dataclass
class Pool:
    free: list[Client] = field(default_factory=list)
    by_name: "dict[str, Client]" = field(default_factory=dict)


class Outside:
    held = {}


def fill_outside():
    Outside.held["a"] = Client()


service = Service()
filled = Pool([Client()], {"a": Client()})


def prepare():
    service.add()
    service.share("a")
    service.type("a")
    fill_outside()


def use(given: Pool):
    given.by_name["a"].send()


async def main():
    await service.run()
    Manager.shared["a"].send()  # BLOCKS: time.sleep
    Outside.held["a"].send()  # BLOCKS: time.sleep
    filled.free[0].send()  # BLOCKS: time.sleep
    use(filled)  # BLOCKS: time.sleep
