"""An old shop, part of which has been made async."""

from ginger_async_safe import async_unsafe


@async_unsafe
def query(table):
    return {"books": ["Kindred", "Fledgling"], "orders": []}[table]


async def total():
    return len(query("orders"))


async def page():
    return f"{len(query('books'))} books"


async def newest():
    return query("books")[-1]
