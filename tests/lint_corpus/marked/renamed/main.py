"""Marks that are imported under other names, through other modules."""

from shop import one, three, two


async def main():
    one()  # BLOCKS: marked:shop.one
    two()  # BLOCKS: marked:shop.two
    three()  # BLOCKS: marked:shop.three
