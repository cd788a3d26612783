"""Django's own decorator."""

from django.utils.asyncio import async_unsafe


@async_unsafe
def recount():
    return 1


@async_unsafe("Not here.")
def report():
    return 2


async def main():
    recount()  # BLOCKS: marked:django_mark.recount
    report()  # BLOCKS: marked:django_mark.report
