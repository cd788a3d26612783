"""Handlers and tests for objects without a method, which querysets have."""

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def prepare():
    await Customer.objects.acreate(name="a")


async def count(items: models.QuerySet):
    try:
        return await items.all().acount()
    except AttributeError:
        return len(items)


async def first(items: models.QuerySet):
    if hasattr(items, "afirst"):
        return await items.afirst()
    return items.first()


async def named(items: models.QuerySet, call):
    try:
        return call(items.all().name)
    except AttributeError:
        return len(items)  # BLOCKS: orm:len


async def main():
    await count(Customer.objects.all())
    await first(Customer.objects.all())
    await named(Customer.objects.all(), len)
