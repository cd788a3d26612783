"""Containers of a module that are empty where they are made, and that functions fill."""

import collections
import time
import weakref


class Client:
    def send(self):
        time.sleep(0.001)


opened = {}
pool = []
lists = collections.defaultdict(list)
ordered = collections.OrderedDict()
weak = weakref.WeakValueDictionary()
updated = {}
declared_global = {}
typed: dict[str, Client] = {}
extended: list = []
nested = {"a": {}}
at_import = []
at_import.append(Client())
by_name = {}
by_name["a"] = Client()
words = []
kept = Client()


def client(name):
    found = opened.get(name)
    if found is None:
        found = opened[name] = Client()
    return found


def fill():
    pool.append(Client())
    lists["a"].append(Client())
    ordered.setdefault("a", Client())
    weak["a"] = kept
    updated.update({"a": Client()})
    typed["a"] = Client()
    extended.extend([Client()])
    words.append("a")


def fill_global():
    global declared_global
    if not declared_global:
        declared_global["a"] = Client()


def prepare():
    fill()
    fill_global()


async def main():
    client("a").send()  # BLOCKS: time.sleep
    for each in pool:
        each.send()  # BLOCKS: time.sleep
    lists["a"][0].send()  # BLOCKS: time.sleep
    for name, each in ordered.items():
        each.send()  # BLOCKS: time.sleep
    weak["a"].send()  # BLOCKS: time.sleep
    [each.send() for each in updated.values()]  # BLOCKS: time.sleep
    declared_global["a"].send()  # BLOCKS: time.sleep
    typed["a"].send()  # BLOCKS: time.sleep
    extended[-1].send()  # BLOCKS: time.sleep
    at_import[0].send()  # BLOCKS: time.sleep
    by_name.get("a").send()  # BLOCKS: time.sleep
    words[0].upper()
