"""A function that reads a file."""


def read(path):
    with open(path) as file:
        return file.read()
