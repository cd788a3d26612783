"""Classes of the project whose methods have the names of the ORM's."""

import asyncio

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Rows:
    def __init__(self, rows):
        self.rows = rows

    def filter(self, name):
        return Rows([row for row in self.rows if row == name])

    def first(self):
        return self.rows[0] if self.rows else None

    def count(self):
        return len(self.rows)

    def save(self):
        return list(self.rows)


class Cache:
    objects = Rows(["a"])


async def main():
    Cache.objects.filter("a").first()
    Cache.objects.save()
    orders = Rows([order async for order in Order.objects.all()])
    orders.count()
    ["a"].count("a")
    await asyncio.sleep(0)
    return {"a": 1}.get("a"), "a b".count("a")
