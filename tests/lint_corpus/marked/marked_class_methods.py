"""An inherited marked method, and a marked method that is called through ``self``."""

from ginger_async_safe import async_unsafe


class Base:
    @async_unsafe(fix="await asave()")
    def save(self):
        return 1

    async def asave(self):
        return 2

    def both(self):
        return self.save()


class Order(Base):
    def quiet(self):
        return 3


async def main():
    order = Order()
    await order.asave()
    order.quiet()
    order.save()  # BLOCKS: marked:marked_class_methods.Base.save
    order.both()  # BLOCKS: marked:marked_class_methods.Base.save
