"""Functions of the project that are named like builtin ones, from another module."""

from tools import input, open, print


async def main():
    open("name")
    input("question")
    with open("name") as text:
        text.read()
    print(1)
