"""A reader that gets an open file."""

import csv


def rows(file):
    return [row for row in csv.reader(file)]


def first(file):
    return file.readline()


async def main():
    with open(__file__) as file:  # BLOCKS: file.open
        first(file)  # BLOCKS: file.read
