"""Querysets inside of querysets are lazy, too."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Subquery


class Order(models.Model):
    name = models.CharField(max_length=9)
    total = models.IntegerField(default=1)

    class Meta:
        app_label = "shop"


async def main():
    cheap = Order.objects.filter(total__lt=F("total") + 1)
    orders = Order.objects.filter(pk__in=cheap.values("pk"))
    newest = cheap.filter(name=OuterRef("name")).order_by("-pk")
    marked = orders.annotate(newest=Subquery(newest.values("pk")[:1]), has=Exists(newest))
    async for order in marked:
        print(order.newest, order.has)
    union = cheap.union(orders)
    print(await union.acount(), await marked.afirst())
    return list(marked.filter(has=True))  # BLOCKS: orm:iterate
