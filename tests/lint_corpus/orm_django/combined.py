"""Querysets that are combined."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def main():
    both = Order.objects.filter(name="a") | Order.objects.filter(name="b")
    union = both.union(Order.objects.all())
    list(both)  # BLOCKS: orm:iterate
    union.count()  # BLOCKS: orm:count
    Order.objects.filter(id__in=Order.objects.values("id"))
