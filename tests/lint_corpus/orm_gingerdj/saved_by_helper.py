"""A helper that saves, called by another helper."""

from gingerdj.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


def rename(order, name):
    order.name = name
    return keep(order)


def keep(order):
    order.save()
    return order


async def arename(order, name):
    order.name = name
    await order.asave()


async def main():
    order = Order(name="a")
    await arename(order, "b")
    rename(order, "c")  # BLOCKS: orm:save
