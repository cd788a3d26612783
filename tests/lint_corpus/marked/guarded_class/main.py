"""Methods that are marked outside of their class."""

import guards
from shop import Order


async def main():
    Order().save()  # BLOCKS: marked:shop.Order.save
    Order().load()  # BLOCKS: marked:shop.Order.load
    Order().quiet()
    return guards
