"""Results that the standard library yields one by one."""

import os
import pathlib


async def main():
    for where, folders, files in os.walk("/nowhere"):  # BLOCKS: os.scandir
        print(where, folders, files)
    os.walk("/nowhere")
    for name in os.listdir("/"):  # BLOCKS: os.listdir
        print(name.upper())
    pathlib.Path("/nowhere").glob("*")
