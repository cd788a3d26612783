"""Functions of the same names that do not block."""


def load(name):
    return name


class Client:
    def fetch(self):
        return load("b")
