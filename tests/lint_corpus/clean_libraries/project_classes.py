"""Classes of the project whose methods have the names of blocking ones."""

import asyncio


class Session:
    async def get(self, url):
        await asyncio.sleep(0)
        return self

    async def execute(self, statement):
        return statement

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return None

    def close(self):
        return None


class Connection:
    def cursor(self):
        return self

    def fetchall(self):
        return []

    def commit(self):
        return None


async def main():
    async with Session() as session:
        response = await session.get("a")
        await response.execute("b")
    session.close()
    Connection().cursor().fetchall()
    Connection().commit()
