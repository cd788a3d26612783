"""Querysets in variables."""

from gingerdj.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def main():
    orders = Order.objects.all()
    named = orders.filter(name="a")
    wanted = named if orders.query else orders
    for order in wanted:  # BLOCKS: orm:iterate
        print(order)
    len(orders)  # BLOCKS: orm:len
    for order in orders:
        print(order)
    len(orders)
    bool(orders)
