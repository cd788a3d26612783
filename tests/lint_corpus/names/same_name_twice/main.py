"""Two modules of one name in two packages."""

from north import store as north
from south import store as south


async def main():
    north.read()  # BLOCKS: file.open, file.read
    south.read()
