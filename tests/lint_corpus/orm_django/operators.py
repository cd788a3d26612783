"""Querysets in operators and conditions."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate(name="a")


async def main():
    order = await Order.objects.aget()
    both = Order.objects.filter(name="a") | Order.objects.filter(name="b")
    both = both & Order.objects.all()
    if order in both:  # BLOCKS: orm:contains
        print(order)
    found = Order.objects.all() or []  # BLOCKS: orm:bool
    nothing = Order.objects.none()
    same = Order.objects.all() == Order.objects.all()
    if Order.objects.all() is not None:
        same = not same
    while Order.objects.filter(name="zz"):  # BLOCKS: orm:bool
        break
    return found is nothing, same
