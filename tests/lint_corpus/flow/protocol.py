"""Methods of a protocol, which the loop calls."""

import asyncio
import time


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        time.sleep(0.001)  # BLOCKS: time.sleep

    def data_received(self, data):
        self.answer(data)  # BLOCKS: time.sleep

    def answer(self, data):
        time.sleep(0.001)
        self.transport.write(data)

    def unused(self):
        time.sleep(3)


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"x")
    await reader.read(1)
    writer.close()
    server.close()
