"""Many-to-many relations."""

from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    tags = models.ManyToManyField(Tag)

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate()
    await Tag.objects.acreate(name="a")


async def main():
    order = await Order.objects.aget()
    tag = await Tag.objects.aget()
    order.tags.add(tag)  # BLOCKS: orm:add
    order.tags.all()
    list(order.tags.all())  # BLOCKS: orm:iterate
    await order.tags.aadd(tag)
    tag.order_set.exists()  # BLOCKS: orm:exists
    order.tags.set([tag])  # BLOCKS: orm:set
    await order.tags.aset([tag])
