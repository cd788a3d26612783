"""A mark that is applied without decorator syntax."""

from ginger_async_safe import async_unsafe


def plain():
    return 1


marked = async_unsafe(plain)


class Order:
    def _save(self):
        return 1

    save = async_unsafe(_save)


async def main():
    marked()  # BLOCKS: marked:applied.plain
    plain()
    Order().save()  # BLOCKS: marked:applied.Order._save
    Order()._save()
