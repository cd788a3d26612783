"""A datagram protocol whose base is a class of the project."""

import asyncio
import time


class Base(asyncio.DatagramProtocol):
    def datagram_received(self, data, address):
        self.handle(data)  # BLOCKS: time.sleep

    def handle(self, data):
        raise NotImplementedError


class Slow(Base):
    def __init__(self, done):
        self.done = done

    def handle(self, data):
        time.sleep(0.001)
        self.done.set()


async def main():
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    server, _ = await loop.create_datagram_endpoint(lambda: Slow(done), local_addr=("127.0.0.1", 0))
    client, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=server.get_extra_info("sockname")
    )
    client.sendto(b"x")
    await done.wait()
    client.close()
    server.close()
