"""A protocol that only buffers, with another method that is never called."""

import asyncio
import time


class Lines(asyncio.Protocol):
    def __init__(self, done):
        self.done = done
        self.buffer = bytearray()

    def connection_made(self, transport):
        transport.write(b"hello")

    def data_received(self, data):
        self.buffer += data

    def connection_lost(self, exc):
        self.done.set()

    def drain_in_thread(self):
        time.sleep(3)


async def main():
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    server = await loop.create_server(lambda: Lines(done), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await reader.readexactly(5)
    writer.close()
    await done.wait()
    server.close()
