"""A queryset caches its result: only the first evaluation queries."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate(name="a")


async def main():
    orders = Order.objects.filter(name="a")
    if orders:  # BLOCKS: orm:bool
        for order in orders:
            print(order)
    len(orders)
    list(orders)
    fresh = orders.all()
    len(fresh)  # BLOCKS: orm:len
    loaded = Order.objects.all()
    async for order in loaded:
        print(order)
    len(loaded)
    return orders[0]
