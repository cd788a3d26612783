"""Temporary files, with and without a name."""

import tempfile


async def main():
    with tempfile.TemporaryFile("w+") as file:  # BLOCKS: file.open
        file.write("a")
        file.flush()  # BLOCKS: file.write
        file.seek(0)
    tempfile.SpooledTemporaryFile().write(b"a")
    tempfile.gettempprefix()
