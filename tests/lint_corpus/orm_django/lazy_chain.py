"""Chains of filters in variables, built in steps and by conditions, and evaluated only at the end."""

from django.db import models
from django.db.models import Q


class Order(models.Model):
    name = models.CharField(max_length=9)
    total = models.IntegerField(default=0)

    class Meta:
        app_label = "shop"


def search(term="", cheap=False):
    orders = Order.objects.all()
    if term:
        orders = orders.filter(Q(name=term) | Q(name__startswith=term))
    if cheap:
        orders = orders.exclude(total__gt=5)
    return orders.order_by("-name").distinct()


async def main():
    found = search("a", cheap=True)
    page = found[:10]
    names = page.values_list("name", flat=True)
    print([name async for name in names])
    print(str(found.query))
    for order in found:  # BLOCKS: orm:iterate
        print(order)
