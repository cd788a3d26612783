"""Comparisons of values whose classes do not block."""

import functools


@functools.total_ordering
class Money:
    def __init__(self, amount):
        self.amount = amount

    def __eq__(self, other):
        return self.amount == other.amount

    def __lt__(self, other):
        return self.amount < other.amount

    def __hash__(self):
        return hash(self.amount)


async def main():
    one, two = Money(1), Money(2)
    one == two, one != two, one < two, one >= two
    sorted([two, one]), max(one, two)
    one in [one, two]
    {one: 1}[one]
