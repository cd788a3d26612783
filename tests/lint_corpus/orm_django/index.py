"""Indexing a queryset queries, and slicing it does not."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate(name="a")


async def main():
    Order.objects.all()[0]  # BLOCKS: orm:index
    try:
        Order.objects.none()[0]
    except IndexError:
        pass
    some = Order.objects.all()[:2]
    async for order in some:
        print(order)
