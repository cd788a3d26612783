"""What is kept in a file."""


def read():
    with open(__file__) as file:
        return file.read()
