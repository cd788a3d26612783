"""All queries run in threads, or by async methods."""

import asyncio
from functools import partial

from asgiref.sync import sync_to_async
from django.db import models, transaction


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


def transfer(name):
    with transaction.atomic():
        order = Order.objects.create(name=name)
        order.name = "b"
        order.save()
    return order


async def main():
    order = await asyncio.to_thread(transfer, "a")
    order.name = "c"
    await sync_to_async(order.save)()
    await asyncio.to_thread(partial(order.save, update_fields=["name"]))
    first = await sync_to_async(Order.objects.first)()
    count = await sync_to_async(Order.objects.filter(name="c").count)()
    got = await sync_to_async(lambda: Order.objects.get(pk=order.pk))()
    return first.name, count, got.name
