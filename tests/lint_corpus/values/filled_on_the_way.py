"""A list that is empty at first, and filled before it is read."""

import os


class Blocks:
    def read(self):
        for path in self.paths or []:
            os.stat(path)

    def add(self, path):
        self.paths.append(path)


async def main():
    blocks = Blocks()
    blocks.paths = []
    blocks.add("/tmp")
    blocks.read()  # BLOCKS: os.stat
