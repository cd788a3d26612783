"""A store in a file."""


def read():
    with open(__file__) as file:
        return file.read()
