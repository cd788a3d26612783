"""Querysets that are built in steps, and only read by ``async for``."""

from gingerdj.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


def search(term=""):
    orders = Order.objects.order_by("name")
    if term:
        orders = orders.filter(name__startswith=term)
    return orders.exclude(name="zz")


async def main():
    orders = search("a")
    page = orders[2:4]
    async for order in page:
        print(order.name)
    names = orders.values_list("name", flat=True).distinct()
    print([name async for name in names], str(names.query))
    return orders.reverse() | search("b")
