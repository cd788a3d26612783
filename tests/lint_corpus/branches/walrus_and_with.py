"""Names that are bound within expressions and by ``with``."""

import os
import re


async def main():
    if found := re.search("a", "cat"):
        print(found.group(), found.start())
    if names := os.listdir("/"):  # BLOCKS: os.listdir
        print(len(names))
    while (left := len(names)) > 0:
        names = names[:0]
        os.stat("/" * left)  # BLOCKS: os.stat
    return [size for name in ["/"] if (size := os.stat(name).st_size)]  # BLOCKS: os.stat
