"""A module with blocking functions, none of which the async code uses."""

from tools import Tool, add


async def main():
    add(1, 2)
    Tool().name()
    Tool.kind
