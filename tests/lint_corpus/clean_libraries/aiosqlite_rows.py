"""aiosqlite, whose names are those of sqlite3."""

import aiosqlite


async def main():
    async with aiosqlite.connect(":memory:") as connection:
        await connection.execute("create table names (name text)")
        await connection.executemany("insert into names values (?)", [("a",)])
        await connection.commit()
        async with connection.execute("select * from names") as cursor:
            async for row in cursor:
                print(row)
            print(await cursor.fetchall())
