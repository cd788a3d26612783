"""Helpers that get a queryset, and evaluate it or not."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


def names(orders):
    return [order.name for order in orders]


def narrowed(orders):
    return orders.filter(name="a")


def has_any(orders):
    return "yes" if orders else "no"


async def main():
    orders = Order.objects.all()
    narrowed(orders)
    names(orders.all())  # BLOCKS: orm:iterate
    has_any(narrowed(orders))  # BLOCKS: orm:bool
    names([Order(name="a")])
