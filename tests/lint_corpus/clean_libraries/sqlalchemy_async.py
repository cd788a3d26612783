"""SQLAlchemy's async engine."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

# NOT RUN: it would need an async driver


async def main():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.connect() as connection:
        result = await connection.execute(text("select 1"))
        result.fetchall()
        await connection.run_sync(lambda sync: sync.execute(text("select 1")))
