"""An instance that a module creates, and another module uses."""

from shop import memory, store


async def main():
    store.load()  # BLOCKS: sqlite3.execute
    store.quiet()
    memory.load()
