"""The machinery of loops, and code written for loops: none of it blocks, whatever it calls internally."""
# ruff: noqa: PLC0415 - only one scenario needs each

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import sys
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

from corpus.helpers import anonymous_tls, echo, http_server, ready_anyio, serve, signalled, text_file
from corpus.scenario import ASYNCIO, cleanup, safe, workdir
from corpus.services import POSTGRESQL, REDIS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from corpus.scenario import Run


@safe()
def sleeping() -> Run:
    """Sleep asynchronously."""
    anyio = ready_anyio()

    async def run() -> None:
        for seconds in (0, 0.001, 0.01):
            await anyio.sleep(seconds)

    return run


@safe(loops=ASYNCIO)
def tasks_and_primitives() -> Run:
    """Use asyncio's tasks, locks, queues, events and timeouts."""

    async def run() -> None:
        lock, items, event = asyncio.Lock(), asyncio.Queue[int](1), asyncio.Event()

        async def produce() -> None:
            for number in range(5):
                await items.put(number)
            event.set()

        async def consume() -> list[int]:
            async with lock:
                return [await items.get() for _ in range(5)]

        _, numbers = await asyncio.gather(produce(), consume())
        assert [0, 1, 2, 3, 4] == numbers
        await asyncio.wait_for(event.wait(), 1)
        async with asyncio.Semaphore(1), asyncio.Condition():
            pass
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.sleep(5), 0.01)

    return run


@safe(loops=ASYNCIO)
def call_soon_threadsafe() -> Run:
    """Wake the loop from a thread, through its self-pipe."""

    async def run() -> None:
        loop, event = asyncio.get_running_loop(), asyncio.Event()
        threading.Timer(0.01, loop.call_soon_threadsafe, [event.set]).start()
        await event.wait()

    return run


@safe(loops=ASYNCIO)
def names_through_the_loop() -> Run:
    """Look a name up through the loop."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        await loop.getaddrinfo("localhost", 80)
        await loop.getnameinfo(("127.0.0.1", 80), 0)

    return run


@safe(loops=ASYNCIO)
def streams() -> Run:
    """Serve and connect with streams."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
        writer.write(b"hello\n")
        assert b"hello\n" == await reader.readline()
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()

    return run


@safe(loops=ASYNCIO)
def unix_server() -> Run:
    """Serve on a Unix socket, whose file the loop creates and removes."""
    path = workdir() / "loop.socket"

    async def run() -> None:
        for _ in range(2):  # the second finds the first one's file
            server = await asyncio.start_unix_server(lambda _, writer: writer.close(), path)
            _, writer = await asyncio.open_unix_connection(str(path))
            writer.close()
            server.close()
            await server.wait_closed()

    return run


@safe(loops=ASYNCIO)
def tls_streams() -> Run:
    """Use TLS with streams."""
    server_context, client_context = map(anonymous_tls, (ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS_CLIENT))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server_context)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_context)
        writer.write(b"hello\n")
        assert b"hello\n" == await reader.readline()
        writer.close()
        server.close()

    return run


@safe(loops=ASYNCIO)
def datagrams() -> Run:
    """Send and receive datagrams."""

    class Keep(asyncio.DatagramProtocol):
        def __init__(self) -> None:
            self.heard = asyncio.get_running_loop().create_future()

        def datagram_received(self, data: bytes, address: Any) -> None:
            self.heard.set_result(data)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        receiver, keep = await loop.create_datagram_endpoint(Keep, ("127.0.0.1", 0))
        address = receiver.get_extra_info("sockname")
        sender, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=address[:2])
        sender.sendto(b"hello")
        assert b"hello" == await keep.heard
        sender.close()
        receiver.close()

    return run


@safe(loops=ASYNCIO)
def sockets_through_the_loop() -> Run:
    """Use sockets through the loop's own methods."""
    listener = cleanup.enter_context(socket.create_server(("127.0.0.1", 0)))
    listener.setblocking(False)
    client = cleanup.enter_context(socket.socket())
    client.setblocking(False)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        accepting = loop.create_task(loop.sock_accept(listener))
        await loop.sock_connect(client, listener.getsockname())
        server, _ = await accepting
        with server:
            await loop.sock_sendall(client, b"hello")
            assert b"hello" == await loop.sock_recv(server, 10)

    return run


@safe(loops=ASYNCIO)
def sendfile_through_the_loop() -> Run:
    """Send a file that was opened earlier."""
    file = cleanup.enter_context(text_file().open("rb"))
    near, far = socket.socketpair()
    near.setblocking(False)
    cleanup.enter_context(far)

    async def run() -> None:
        _, writer = await asyncio.open_connection(sock=near)
        loop = asyncio.get_running_loop()
        try:
            assert 14 == await loop.sendfile(writer.transport, file)
        except NotImplementedError:  # uvloop has none
            assert loop.__class__.__module__.startswith("uvloop")
        writer.close()

    return run


@safe(loops=ASYNCIO)
def subprocesses() -> Run:
    """Run commands with asyncio."""

    async def run() -> None:
        process = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1)
        output, _ = await process.communicate(b"hello")
        assert b"hello" == output
        shell = await asyncio.create_subprocess_shell("exit 3")
        assert 3 == await shell.wait()

    return run


@safe(loops=ASYNCIO)
def pipes() -> Run:
    """Read and write pipes by transports."""
    reader, writer = os.pipe()
    reading, writing = os.fdopen(reader, "rb"), os.fdopen(writer, "wb")

    async def run() -> None:
        loop, stream = asyncio.get_running_loop(), asyncio.StreamReader()
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), reading)
        other, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, writing)
        other.write(b"hello\n")
        assert b"hello\n" == await stream.readline()
        other.close()
        transport.close()
        await asyncio.sleep(0.01)

    return run


@safe(loops=ASYNCIO)
def signals() -> Run:
    """Handle a signal, which wakes the loop."""
    send = signalled(signal.SIGUSR1)

    async def run() -> None:
        loop, event = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, event.set)
        send()
        await asyncio.wait_for(event.wait(), 5)
        loop.remove_signal_handler(signal.SIGUSR1)

    return run


@safe(loops=ASYNCIO)
def readers_and_writers() -> Run:
    """Watch file descriptors."""
    near, far = socket.socketpair()
    near.setblocking(False)
    cleanup.enter_context(far)
    cleanup.enter_context(near)
    far.sendall(b"hello")

    async def run() -> None:
        loop, heard = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

        def read() -> None:
            heard.set_result(near.recv(10))
            loop.remove_reader(near)

        loop.add_reader(near, read)
        assert b"hello" == await heard

    return run


@safe(loops=ASYNCIO)
def debug_mode() -> Run:
    """Switch on asyncio's own debug mode, which formats stacks."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        loop.set_debug(True)
        loop.slow_callback_duration = 10
        task = loop.create_task(asyncio.sleep(0.001), name="sleeper")
        assert "sleeper" in repr(task)
        await task
        loop.call_soon(repr, loop)
        await asyncio.sleep(0.001)

    return run


@safe(loops=ASYNCIO)
def default_executor_ends_with_the_loop() -> Run:
    """Have the end of the loop wait for the threads of its default executor."""
    import time

    async def run() -> None:
        asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.05)
        await asyncio.sleep(0)

    return run


@safe()
def async_generators() -> Run:
    """Leave an async generator unfinished; the loop closes it."""
    anyio = ready_anyio()

    async def numbers() -> AsyncIterator[int]:
        for number in range(3):
            await anyio.sleep(0)
            yield number

    async def run() -> None:
        generator = numbers()
        async for _ in generator:
            break
        await generator.aclose()  # type: ignore[attr-defined]

    return run


# trio and anyio


@safe(loops=("trio",))
def trio_machinery() -> Run:
    """Use trio's nurseries, channels, locks and timeouts."""
    trio = import_module("trio")

    async def run() -> None:
        send, receive = trio.open_memory_channel(1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(send.send, 1)
            assert 1 == await receive.receive()
        async with trio.Lock():
            pass
        with trio.move_on_after(0.01):
            await trio.sleep_forever()

    return run


@safe(loops=("trio",))
def trio_files() -> Run:
    """Use files with trio."""
    trio, path = import_module("trio"), text_file()

    async def run() -> None:
        async with await trio.open_file(path, encoding="utf-8") as file:
            assert ["one\n", "two\n", "three\n"] == [line async for line in file]
        assert await trio.Path(path).exists()
        assert [trio.Path(path)] == [
            entry for entry in await trio.Path(path.parent).iterdir() if entry.name == path.name
        ]

    return run


@safe(loops=("trio",))
def trio_processes() -> Run:
    """Run a command with trio."""
    trio = import_module("trio")

    async def run() -> None:
        done = await trio.run_process(["cat"], stdin=b"hello", capture_stdout=True)
        assert b"hello" == done.stdout

    return run


@safe(loops=("trio",))
def trio_streams() -> Run:
    """Connect and serve with trio."""
    trio, port = import_module("trio"), serve(echo)

    async def run() -> None:
        async with await trio.open_tcp_stream("localhost", port) as stream:
            await stream.send_all(b"hello")
            assert b"hello" == await stream.receive_some(10)
        async with trio.open_nursery() as nursery:
            listeners = await nursery.start(trio.serve_tcp, lambda stream: stream.aclose(), 0)
            stream = await trio.testing.open_stream_to_socket_listener(listeners[0])
            assert b"" == await stream.receive_some(10)
            nursery.cancel_scope.cancel()

    import_module("trio.testing")
    return run


@safe(loops=("trio",))
def trio_signals() -> Run:
    """Receive a signal, which wakes trio."""
    trio = import_module("trio")
    send = signalled(signal.SIGUSR1)

    async def run() -> None:
        with trio.open_signal_receiver(signal.SIGUSR1) as signals_:
            send()
            async for number in signals_:
                assert number == signal.SIGUSR1
                break

    return run


@safe()
def anyio_files() -> Run:
    """Use files with anyio."""
    anyio, path = ready_anyio(), text_file()

    async def run() -> None:
        async with await anyio.open_file(path, encoding="utf-8") as file:
            assert ["one\n", "two\n", "three\n"] == [line async for line in file]
        assert "one\ntwo\nthree\n" == await anyio.Path(path).read_text(encoding="utf-8")

    return run


@safe()
def anyio_streams_and_processes() -> Run:
    """Connect and run a command with anyio."""
    anyio, port = ready_anyio(), serve(echo)

    async def run() -> None:
        async with await anyio.connect_tcp("localhost", port) as stream:
            await stream.send(b"hello")
            assert b"hello" == await stream.receive()
        assert b"hello" == (await anyio.run_process(["cat"], input=b"hello")).stdout
        await anyio.getaddrinfo("localhost", 80)

    return run


@safe()
def anyio_portal() -> Run:
    """Call back into the loop from a thread."""
    ready_anyio()
    from_thread, to_thread = import_module("anyio.from_thread"), import_module("anyio.to_thread")

    async def run() -> None:
        async with from_thread.BlockingPortal() as portal:
            assert 5 == await to_thread.run_sync(portal.call, abs, -5)

    return run


# Clients that are written for loops


@safe(needs=("httpx",))
def httpx_async_client() -> Run:
    """Send a request with httpx's async client, which was created earlier."""
    url = f"http://localhost:{http_server()}/"
    client = import_module("httpx").AsyncClient()

    async def run() -> None:
        async with client:
            assert 200 == (await client.get(url)).status_code

    return run


@safe(loops=ASYNCIO, needs=("redis", "service:redis"))
def redis_asyncio() -> Run:
    """Send commands to Redis asynchronously, with a client that was created earlier: creating one reads files."""
    client = import_module("redis.asyncio").Redis(**REDIS)

    async def run() -> None:
        assert await client.ping()
        await client.aclose()

    return run


@safe(loops=ASYNCIO, needs=("psycopg", "service:postgresql"))
def psycopg_async() -> Run:
    """Query PostgreSQL asynchronously."""
    psycopg = import_module("psycopg")

    async def run() -> None:
        async with await psycopg.AsyncConnection.connect(**POSTGRESQL) as connection:
            cursor = await connection.execute("SELECT 1")
            assert (1,) == await cursor.fetchone()

    return run


@safe(loops=ASYNCIO, needs=("aiosqlite",))
def aiosqlite() -> Run:
    """Use sqlite3 in the threads of aiosqlite."""
    library, path = import_module("aiosqlite"), workdir() / "database"

    async def run() -> None:
        async with library.connect(path) as connection, connection.execute("SELECT 1") as cursor:
            assert (1,) == await cursor.fetchone()

    return run


@safe(loops=ASYNCIO, needs=("sqlalchemy", "greenlet", "psycopg", "service:postgresql"))
def sqlalchemy_async() -> Run:
    """Query PostgreSQL through SQLAlchemy's greenlets, below the loop's."""
    engines, sqlalchemy = import_module("sqlalchemy.ext.asyncio"), import_module("sqlalchemy")
    where = f"{POSTGRESQL['user']}@{POSTGRESQL['host']}:{POSTGRESQL['port']}/{POSTGRESQL['dbname']}"
    import_module("psycopg")

    async def run() -> None:
        engine = engines.create_async_engine(f"postgresql+psycopg://{where}")
        async with engine.connect() as connection:
            assert 1 == await connection.scalar(sqlalchemy.text("SELECT 1"))
        await engine.dispose()

    return run


@safe(loops=ASYNCIO, needs=("uvicorn",))
def uvicorn_server() -> Run:
    """Serve an application with uvicorn, and send it a request."""
    uvicorn = import_module("uvicorn")

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    config = uvicorn.Config(application, port=0, lifespan="off", log_level="critical")
    config.load()
    server = uvicorn.Server(config)

    async def run() -> None:
        serving = asyncio.ensure_future(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        assert b"204" in await reader.readline()
        writer.close()
        server.should_exit = True
        await serving

    return run


@safe(loops=("asyncio",), since=(3, 11))
def task_groups() -> Run:
    """Use task groups and timeouts of newer Pythons."""
    newer: Any = asyncio

    async def run() -> None:
        async with newer.TaskGroup() as group, newer.timeout(5):
            group.create_task(asyncio.sleep(0.001))
        assert sys.version_info >= (3, 11)

    return run
