"""A base class in another module, and another name for it."""

import base
from base import Base as Root


class Shop(base.Base):
    pass


class Stall(Root):
    def quiet(self):
        return 2


async def main():
    Shop().pause()  # BLOCKS: time.sleep
    Stall().pause()  # BLOCKS: time.sleep
    Stall().quiet()
    Shop().quiet()
