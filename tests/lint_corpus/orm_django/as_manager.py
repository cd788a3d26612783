"""A queryset class of the project as a manager, with methods that evaluate it, and methods that do not."""

from django.db import models


class OrderQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed=False)

    def totals(self):
        return {order.name: order.pk for order in self}

    def is_quiet(self):
        return not self.open().exists()

    async def atotals(self):
        return {order.name: order.pk async for order in self}


class Order(models.Model):
    name = models.CharField(max_length=9)
    closed = models.BooleanField(default=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        app_label = "shop"


async def main():
    Order.objects.open().order_by("pk")
    Order.objects.totals()  # BLOCKS: orm:iterate
    Order.objects.filter(pk=1).open().is_quiet()  # BLOCKS: orm:exists
    await Order.objects.open().atotals()
    return Order.objects.open()[:2]
