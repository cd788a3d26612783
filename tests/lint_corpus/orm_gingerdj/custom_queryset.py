"""A queryset class of the project."""

from gingerdj.db import models


class OrderQuerySet(models.QuerySet):
    def named(self, name):
        return self.filter(name=name)

    def names(self):
        return [order.name for order in self]

    async def anames(self):
        return [order.name async for order in self]


class Order(models.Model):
    name = models.CharField(max_length=9)
    objects = OrderQuerySet.as_manager()

    class Meta:
        app_label = "shop"


async def main():
    Order.objects.named("a").named("b")
    Order.objects.all().names()  # BLOCKS: orm:iterate
    Order.objects.named("a").names()  # BLOCKS: orm:iterate
    Order.objects.filter(name="a").names()  # BLOCKS: orm:iterate
    await Order.objects.named("a").anames()
    len(Order.objects.named("a"))  # BLOCKS: orm:len
