"""Async counterparts of the ORM's methods."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def main():
    order = await Order.objects.acreate(name="a")
    await order.asave()
    await order.arefresh_from_db()
    await Order.objects.aget(name="a")
    await Order.objects.afirst()
    await Order.objects.acount()
    await Order.objects.filter(name="a").aexists()
    async for each in Order.objects.all():
        print(each.name)
    [each async for each in Order.objects.filter(name="a")]
    async for each in Order.objects.aiterator() if hasattr(Order.objects, "aiterator") else Order.objects.all():
        print(each)
    await order.adelete()
