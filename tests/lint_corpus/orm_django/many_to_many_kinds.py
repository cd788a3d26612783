"""Many-to-many relations: methods that write, methods that read, and lazy ones."""

from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    tags = models.ManyToManyField(Tag, related_name="orders")

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate()
    await Tag.objects.acreate(name="a")


async def main():
    order, tag = await Order.objects.aget(), await Tag.objects.aget()
    await order.tags.aadd(tag)
    order.tags.remove(tag)  # BLOCKS: orm:remove
    order.tags.set([tag])  # BLOCKS: orm:set
    await order.tags.aset([tag])
    tag.orders.filter(pk=1)
    tag.orders.exists()  # BLOCKS: orm:exists
    tag.orders.clear()  # BLOCKS: orm:clear
    await order.tags.aclear()
    [each async for each in order.tags.all()]
