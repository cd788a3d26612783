"""GingerDJ's own decorator, under another name."""

from gingerdj.utils.asyncio import async_unsafe as unsafe


@unsafe
def recount():
    return 1


async def main():
    recount()  # BLOCKS: marked:gingerdj_mark.recount
