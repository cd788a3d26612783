"""A row that may be missing, and a helper that takes either."""

from __future__ import annotations

from django.db import models


class Order(models.Model):
    parent = models.ForeignKey("self", models.CASCADE, null=True)

    class Meta:
        app_label = "shop"


def root_of(order: Order | None) -> Order | None:
    while order is not None and order.parent is not None:
        order = order.parent
    return order


async def prepare():
    await Order.objects.acreate(parent=await Order.objects.acreate())


async def main():
    root_of(None)
    child = await Order.objects.filter(parent__isnull=False).afirst()
    if child is not None and child.parent_id is not None:
        root_of(child)  # BLOCKS: orm:relation
    alone = await Order.objects.aget(parent=None)
    return alone.parent
