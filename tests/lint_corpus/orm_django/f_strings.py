"""Querysets and rows that are formatted as text."""

import logging

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"

    def __str__(self):
        return self.name


async def prepare():
    await Order.objects.acreate(name="a")


async def main():
    orders = Order.objects.all()
    order = await orders.aget()
    print(f"{order} {order.pk} {orders.query}")
    print(f"found {orders!r}")  # BLOCKS: orm:str
    "{}".format(Order.objects.all())  # BLOCKS: orm:str
    "%s" % Order.objects.all()  # BLOCKS: orm:str
    logging.getLogger("shop").debug("found %s", Order.objects.all())
