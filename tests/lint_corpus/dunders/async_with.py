"""A class that is a sync and an async context manager, and one that is an async one only."""

import time


class Session:
    def __enter__(self):
        time.sleep(0.001)
        return self

    def __exit__(self, *_):
        time.sleep(0.001)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return None


async def main():
    async with Session() as session:
        session.__class__
    async with Session():
        pass
