"""``super()`` calls a marked method through a class that does not define it, and from an async method."""

from ginger_async_safe import async_unsafe


class Base:
    @async_unsafe
    def save(self):
        return 1


class Middle(Base):
    pass


class Order(Middle):
    def save(self):
        return super().save()

    async def asave(self):
        return super().save()  # BLOCKS: marked:super_chain.Base.save


async def main():
    Order().save()  # BLOCKS: marked:super_chain.Base.save
    await Order().asave()
