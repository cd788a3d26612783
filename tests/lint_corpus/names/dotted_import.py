"""A module of a package, by its dotted name."""

import os.path
import urllib.parse


async def main():
    os.path.exists("nowhere")  # BLOCKS: os.stat
    urllib.parse.quote("a b")
    os.path.join("a", "b")
