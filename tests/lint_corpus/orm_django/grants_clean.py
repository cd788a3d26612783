"""Calls that grants allow, and queries outside of async code."""

import asyncio

from django.db import models

from ginger_async_safe import allow_async_unsafe, in_async_context


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


def names():
    if in_async_context():
        return []
    return [order.name for order in Order.objects.all()]


async def main():
    with allow_async_unsafe(reason="a table of ten rows"):
        print(list(Order.objects.all()), Order.objects.count())
    print(names(), await asyncio.to_thread(names))
    if Order.objects is None:
        Order.objects.count()
