"""Cursors and raw queries, in a thread and on the loop."""

import asyncio

from django.db import connection, connections, models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


def one():
    with connection.cursor() as cursor:
        cursor.execute("select 1")
        return cursor.fetchone()


async def main():
    await asyncio.to_thread(one)
    raw = Order.objects.raw("select * from shop_order")
    print(connection.vendor, connections["default"].alias, raw)
    one()  # BLOCKS: orm:cursor
    for order in Order.objects.raw("select * from shop_order"):  # BLOCKS: orm:iterate
        print(order)
