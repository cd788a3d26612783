"""Many-to-many relations."""

from gingerdj.db import models


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
    order, tag = await Order.objects.aget(), await Tag.objects.aget()
    order.tags.add(tag)  # BLOCKS: orm:add
    await order.tags.aadd(tag)
    order.tags.count()  # BLOCKS: orm:count
    tag.order_set.all()
    tag in order.tags.all()  # BLOCKS: orm:contains
    await order.tags.aclear()
