"""Generators, comprehensions and sorts that stay in memory."""

from itertools import chain, islice


def numbers(count):
    for number in range(count):
        yield number


def pairs():
    yield from zip(numbers(2), numbers(2))


def key(pair):
    return -pair[0]


async def main():
    print(sorted(pairs(), key=key), sum(numbers(3)), dict(pairs()))
    first, *rest = chain(numbers(2), numbers(1))
    total = sum(number * number for number in islice(numbers(9), 3))
    squares = list(map(pow, numbers(2), numbers(2)))
    return first, rest, total, squares, max(pairs(), key=lambda pair: pair[1])
