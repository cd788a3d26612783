"""Querysets in generators, maps and zips."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


def names():
    for order in Order.objects.all():
        yield order.name


async def main():
    later = names()
    list(later)  # BLOCKS: orm:iterate
    list(map(str, Order.objects.all()))  # BLOCKS: orm:iterate
    for index, order in enumerate(Order.objects.all()):  # BLOCKS: orm:iterate
        print(index, order)
    for one, two in zip(Order.objects.all(), [1]):  # BLOCKS: orm:iterate
        print(one, two)
    any(order.name for order in Order.objects.all())  # BLOCKS: orm:iterate
    ",".join(order.name for order in Order.objects.all())  # BLOCKS: orm:iterate
    names()
