"""anyio's threads, with keyword arguments of anyio's, and calls back from a thread."""

import time
from functools import partial

import anyio
import anyio.from_thread
import anyio.to_thread


async def note(notes):
    notes.append(1)


def work(seconds, *, notes):
    time.sleep(seconds)
    anyio.from_thread.run(note, notes)


async def main():
    notes = []
    await anyio.to_thread.run_sync(partial(work, 0.001, notes=notes), abandon_on_cancel=True)
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.to_thread.run_sync, time.sleep, 0.001)
    return notes
