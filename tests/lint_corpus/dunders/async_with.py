"""A class that is entered in both ways, and an async one."""

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
