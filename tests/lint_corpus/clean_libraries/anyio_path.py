"""anyio's paths and files, whose methods have the names of pathlib's."""

import anyio


async def main():
    path = anyio.Path(__file__)
    print(await path.exists(), path.name, path.parent / "other")
    print(len(await path.read_text()), (await path.stat()).st_size)
    async with await path.open() as file:
        await file.read()
    async for each in path.parent.iterdir():
        print(each.suffix)
    async with await anyio.open_file(__file__) as other:
        async for line in other:
            print(len(line))
