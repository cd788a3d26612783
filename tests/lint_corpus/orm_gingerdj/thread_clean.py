"""All queries run in threads."""

import asyncio

from asgiref.sync import sync_to_async
from gingerdj.db import models, transaction


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


@sync_to_async
def names():
    return [order.name for order in Order.objects.all()]


def make(name):
    with transaction.atomic():
        return Order.objects.create(name=name)


async def main():
    order = await asyncio.to_thread(make, "a")
    await asyncio.to_thread(order.save)
    await sync_to_async(order.refresh_from_db)()
    count = await sync_to_async(Order.objects.count)()
    return count, await names(), await sync_to_async(lambda: list(Order.objects.all()))()
