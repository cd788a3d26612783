"""Files in memory that reach a reader through ``cast``, and after a test of their class."""

import io
import tarfile
from typing import BinaryIO, cast


def read(data: "bytes | io.BufferedIOBase"):
    if isinstance(data, bytes):
        data = io.BytesIO(data)
    return tarfile.is_tarfile(data) or tarfile.open(fileobj=data, mode="w")


async def main():
    tarfile.open(fileobj=cast(BinaryIO, io.BytesIO()), mode="w").close()
    read(b"")
