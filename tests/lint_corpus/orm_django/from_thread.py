"""A queryset that a thread returns may still be lazy."""

import asyncio

from asgiref.sync import sync_to_async
from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


def get_orders():
    return Order.objects.filter(name="a")


def load_orders():
    return list(Order.objects.filter(name="a"))


@sync_to_async
def lazy():
    return get_orders()


async def main():
    orders = await sync_to_async(get_orders)()
    for order in orders:  # BLOCKS: orm:iterate
        print(order)
    for order in await lazy():  # BLOCKS: orm:iterate
        print(order)
    loaded = await sync_to_async(load_orders)()
    for order in loaded:
        print(order)
    more = await asyncio.to_thread(Order.objects.filter, name="a")
    len(more)  # BLOCKS: orm:len
    await asyncio.to_thread(Order.objects.count)
    await sync_to_async(list)(Order.objects.all())
