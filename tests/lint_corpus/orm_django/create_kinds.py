"""Methods that write one row or many, and their async counterparts."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def main():
    unsaved = [Order(name="a"), Order(name="b")]
    Order.objects.bulk_create(unsaved)  # BLOCKS: orm:bulk_create
    await Order.objects.abulk_create([Order(name="c")])
    order = await Order.objects.aget(name="a")
    order.name = "d"
    Order.objects.bulk_update([order], ["name"])  # BLOCKS: orm:bulk_update
    Order.objects.update_or_create(name="d", defaults={"name": "e"})  # BLOCKS: orm:update_or_create
    await Order.objects.aupdate_or_create(name="e")
    Order.objects.filter(name="e").update(name="f")  # BLOCKS: orm:update
    await Order.objects.filter(name="e").aupdate(name="f")
    Order.objects.filter(name="zz").delete()  # BLOCKS: orm:delete
    await Order.objects.filter(name="zz").adelete()
    Order.objects.none().update(name="g")
