"""Containers that are filled with what does not block, or with what other containers of their name do not hold."""

import asyncio
import time


class Client:
    def send(self):
        time.sleep(0.001)


class Quiet:
    def send(self):
        pass


clients = []
quiet = {}
local = []
moved = {}


def fill():
    clients.append(Client())
    quiet["a"] = Quiet()
    local = []
    local.append(Client())
    moved["a"] = Client()
    return local


class First:
    def __init__(self):
        self.held = []

    def add(self):
        self.held.append(Client())


class Second:
    def __init__(self):
        self.held = []
        self.held.append(Quiet())

    async def run(self):
        self.held[0].send()


def prepare():
    fill()
    First().add()


async def main():
    len(clients)
    quiet["a"].send()
    for each in local:
        each.send()
    await asyncio.to_thread(moved["a"].send)
    await Second().run()
