"""Defaults that stand: of an object made on the way, of what is final, and of parameters that are not given."""

import os
from dataclasses import dataclass
from typing import Final

DEBUG: Final = False
VERBOSE: bool = False


@dataclass
class Options:
    clean: bool = False


class Blocks:
    def __init__(self, paths=None):
        self.paths = paths

    def read(self):
        for path in self.paths or []:
            os.stat(path)
        return [os.stat(path) for path in self.paths or ()]


def mount(blocks, paths=None):
    blocks.paths = paths or []
    blocks.read()


def read_all(paths=None):
    for path in paths or []:
        os.stat(path)


async def main():
    if DEBUG or VERBOSE:
        os.stat("/tmp")
    options = Options()
    if options.clean:
        os.stat("/tmp")
    mount(Blocks())
    read_all()
