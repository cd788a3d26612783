"""A module whose functions block, of which the async code uses another one."""

from tools import Tool, add


async def main():
    add(1, 2)
    Tool().name()
    Tool.kind
