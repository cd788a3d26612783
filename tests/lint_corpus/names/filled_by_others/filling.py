"""What fills the containers."""

import time

import registry
from registry import Registry, by_name


class Client:
    def send(self):
        time.sleep(0.001)


class Quiet:
    def send(self):
        pass


def fill():
    registry.clients["a"] = Client()
    by_name.setdefault("a", Client())
    Registry.held.append(Client())
    registry.quiet["a"] = Quiet()
