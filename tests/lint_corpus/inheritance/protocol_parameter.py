"""A parameter of a protocol is an instance of a class with its methods, whether that names the protocol or not."""

import time
from typing import Protocol


class Reader(Protocol):
    def read_record(self, key: str) -> bytes: ...


class SlowReader:
    def read_record(self, key: str, *, again: bool = False) -> bytes:
        time.sleep(0.001)
        return b""


class OtherReader:
    def read_record(self, first: int, second: int) -> bytes:
        time.sleep(0.001)
        return b""


class Writer(Protocol):
    def write_record(self, key: str) -> None: ...


class OtherWriter:
    def write_record(self) -> None:
        time.sleep(0.001)


class NamedWriter(Writer):
    def write_record(self, key: str) -> None:
        return None


async def read(reader: Reader):
    reader.read_record("key")  # BLOCKS: time.sleep


async def write(writer: Writer):
    writer.write_record("key")


async def main():
    await read(globals()["SlowReader"]())
    await write(globals()["NamedWriter"]())
