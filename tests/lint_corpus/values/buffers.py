"""Reading from memory."""

import io


async def main():
    io.StringIO("a").read()
    io.BytesIO(b"a").readline()
    with io.StringIO("b") as file:
        file.read()
