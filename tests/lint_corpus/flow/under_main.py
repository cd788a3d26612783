"""The code under ``if __name__ == "__main__"`` is sync; the coroutine that it runs is not."""

import asyncio
import time


async def main():
    time.sleep(0.001)  # BLOCKS: time.sleep
    await asyncio.sleep(0)


def configure():
    time.sleep(0.001)


if __name__ == "__main__":
    configure()
    time.sleep(0.001)
    asyncio.run(main())
