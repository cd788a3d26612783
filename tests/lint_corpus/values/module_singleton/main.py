"""An instance that a module makes, used from another one."""

from shop import memory, store


async def main():
    store.load()  # BLOCKS: sqlite3.execute
    store.quiet()
    memory.load()
