"""anyio's events, locks, sleeps and streams."""

import anyio


async def feed(stream):
    async with stream:
        for number in range(2):
            await stream.send(number)


async def main():
    send, receive = anyio.create_memory_object_stream(1)
    lock, event = anyio.Lock(), anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(feed, send)
        async with receive, lock:
            async for number in receive:
                print(number)
        event.set()
        await event.wait()
    with anyio.move_on_after(1):
        await anyio.sleep(0)
