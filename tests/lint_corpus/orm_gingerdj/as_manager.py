"""A queryset class of the project as a manager."""

from gingerdj.db import models


class OrderQuerySet(models.QuerySet):
    def named(self, name):
        return self.filter(name=name)

    def names(self):
        return sorted(order.name for order in self)

    async def anames(self):
        return sorted([order.name async for order in self])


class Order(models.Model):
    name = models.CharField(max_length=9)

    objects = OrderQuerySet.as_manager()

    class Meta:
        app_label = "shop"


async def main():
    Order.objects.named("a").order_by("pk")
    await Order.objects.named("a").anames()
    Order.objects.named("a").names()  # BLOCKS: orm:iterate
    return Order.objects.all().named("b")[:3]
