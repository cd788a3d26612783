"""Functions of the project with the names of builtins, from another module."""

from tools import input, open, print


async def main():
    open("name")
    input("question")
    with open("name") as text:
        text.read()
    print(1)
