"""Methods that fetch one row, or a number."""

from django.db import models
from django.db.models import Avg, Count


class Order(models.Model):
    name = models.CharField(max_length=9)
    made = models.IntegerField(default=0)

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate(name="a")


async def main():
    orders = Order.objects.annotate(number=Count("id")).order_by("made")
    orders.aggregate(Avg("made"))  # BLOCKS: orm:aggregate
    orders.earliest("made")  # BLOCKS: orm:earliest
    orders.latest("made")  # BLOCKS: orm:latest
    orders.last()  # BLOCKS: orm:last
    orders.in_bulk([1])  # BLOCKS: orm:in_bulk
    orders.contains(Order(pk=1))  # BLOCKS: orm:contains
    orders.explain()  # BLOCKS: orm:explain
    orders.filter(pk=1).exists()  # BLOCKS: orm:exists
    orders.dates
    await orders.aaggregate(Avg("made"))
    await orders.aearliest("made")
    await orders.ain_bulk([1])
    await orders.acontains(Order(pk=1))
    await orders.aexplain()
    return await orders.aexists()
