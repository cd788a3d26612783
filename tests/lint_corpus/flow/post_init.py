"""``__post_init__`` of a dataclass."""

import os
from dataclasses import dataclass


@dataclass
class Folder:
    path: str

    def __post_init__(self):
        self.names = os.listdir(self.path)


@dataclass
class Named:
    path: str

    def __post_init__(self):
        self.base = os.path.basename(self.path)


async def main():
    Named("/tmp/a")
    Folder("/tmp")  # BLOCKS: os.listdir
