"""asyncio's futures and tasks, whose methods have the names of thread futures'."""

import asyncio


async def answer():
    await asyncio.sleep(0)
    return 1


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_soon(future.set_result, 1)
    await future
    print(future.result(), future.exception())
    task = asyncio.create_task(answer())
    done, pending = await asyncio.wait([task], timeout=1)
    print([each.result() for each in done], pending)
    results = await asyncio.gather(answer(), asyncio.shield(answer()), return_exceptions=True)
    for each in asyncio.as_completed([answer()]):
        results.append(await each)
    return results, await asyncio.wait_for(answer(), timeout=1)
