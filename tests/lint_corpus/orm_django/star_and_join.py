"""Star arguments, joins and unpacking of querysets."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate(name="a")


def count(*orders):
    return len(orders)


async def main():
    names = Order.objects.values_list("name", flat=True)
    ", ".join(names.all())  # BLOCKS: orm:iterate
    count(*Order.objects.all())  # BLOCKS: orm:iterate
    count(Order.objects.all())
    (first,) = Order.objects.all()  # BLOCKS: orm:iterate
    found = []
    found.extend(Order.objects.all())  # BLOCKS: orm:iterate
    found += Order.objects.all()  # BLOCKS: orm:iterate
    found.append(Order.objects.all())
    any(Order.objects.all())  # BLOCKS: orm:iterate
    return {order.pk: order for order in Order.objects.all()}, first  # BLOCKS: orm:iterate
