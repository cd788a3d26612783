"""``super()`` calls a marked method."""

from ginger_async_safe import async_unsafe


class Base:
    @async_unsafe
    def save(self):
        return 1


class Order(Base):
    def save(self):
        return super().save()

    async def asave(self):
        super().save()  # BLOCKS: marked:super_call.Base.save


async def main():
    Order().save()  # BLOCKS: marked:super_call.Base.save
    await Order().asave()
