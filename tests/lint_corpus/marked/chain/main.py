"""A chain through three modules to a marked method."""

from service import Service
from store import Store


async def main():
    service = Service(Store())
    service.add(1)  # BLOCKS: marked:store.Store.write
