"""Reading a deferred field queries."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)
    note = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate(name="a", note="b")


async def main():
    order = await Order.objects.only("name").aget()
    print(order.name, order.pk)
    print(order.note)  # BLOCKS: orm:refresh_from_db
    other = await Order.objects.defer("note").aget()
    print(other.name)
    print(other.note)  # BLOCKS: orm:refresh_from_db
    whole = await Order.objects.aget()
    return whole.note
