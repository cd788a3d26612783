"""Querysets with ``iterator()``."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def main():
    for order in Order.objects.iterator():  # BLOCKS: orm:iterate
        print(order)
    async for order in Order.objects.aiterator():
        print(order)
    rows = Order.objects.values_list("name", flat=True)
    for name in rows:  # BLOCKS: orm:iterate
        print(name.upper())
