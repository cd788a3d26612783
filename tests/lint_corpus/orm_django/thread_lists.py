"""Lists that threads make, and querysets that threads return unevaluated."""

import asyncio

from asgiref.sync import sync_to_async
from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


def get_orders():
    return Order.objects.filter(name="a")


@sync_to_async
def list_orders():
    return list(get_orders())


async def main():
    for order in await list_orders():
        print(order)
    found = await asyncio.to_thread(lambda: list(get_orders()))
    print(len(found), bool(found), found[:1])
    kept = await sync_to_async(list)(Order.objects.all())
    print(kept)
    lazy = await asyncio.to_thread(get_orders)
    print(lazy.filter(pk=1).order_by("pk").query)
    print(len(lazy))  # BLOCKS: orm:len
    for order in await asyncio.to_thread(Order.objects.exclude, name="b"):  # BLOCKS: orm:iterate
        print(order)
