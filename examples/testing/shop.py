"""A shop with a marked function: one page calls it in a thread, and another page forgets to."""

import asyncio
import sqlite3
from contextlib import closing

from ginger_async_safe import SynchronousOnlyOperation, async_unsafe


@async_unsafe
def titles():
    with closing(sqlite3.connect(":memory:")) as connection:
        return [title for (title,) in connection.execute("SELECT 'Kindred'")]


async def page():
    return ", ".join(await asyncio.to_thread(titles))


async def broken_page():
    try:
        return ", ".join(titles())
    except (OSError, SynchronousOnlyOperation):  # which hides the violation
        return "try again later"
