"""A registry that another module fills."""

import filling
import registry
from registry import by_name


async def main():
    registry.clients["a"].send()  # BLOCKS: time.sleep
    by_name["a"].send()  # BLOCKS: time.sleep
    registry.Registry.held[0].send()  # BLOCKS: time.sleep
    registry.quiet["a"].send()


def prepare():
    filling.fill()
