"""A queryset caches its result: only the first evaluation queries."""

from gingerdj.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def main():
    orders = Order.objects.filter(name="a")
    for order in orders:  # BLOCKS: orm:iterate
        print(order)
    print(len(orders), bool(orders), list(orders))
    fresh = orders.filter(pk=1)
    bool(fresh)  # BLOCKS: orm:bool
    loaded = Order.objects.all()
    print([order async for order in loaded], len(loaded))
