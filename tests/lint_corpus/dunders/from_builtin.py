"""Subclasses of builtin classes that add nothing that blocks."""

from collections import UserDict, deque


class Rows(list):
    def execute(self, statement):
        return [statement]


class Names(dict):
    def __missing__(self, key):
        return key.upper()


class Known(UserDict):
    def __getitem__(self, key):
        return super().__getitem__(key)


async def main():
    rows = Rows([1, 2])
    rows.execute("select 1")
    rows[0], len(rows), 1 in rows, sorted(rows), bool(rows)
    Names()["a"]
    Known(a=1)["a"]
    for row in deque(rows):
        f"{row}"
