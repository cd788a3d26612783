"""One function that has names in two modules."""

import io
import posixpath


async def main():
    io.open(__file__).close()  # BLOCKS: file.open
    posixpath.exists("nowhere")  # BLOCKS: os.stat
