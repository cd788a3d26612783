"""Methods that write rows, and their async counterparts."""

from gingerdj.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def main():
    Order.objects.bulk_create([Order(name="a"), Order(name="b")])  # BLOCKS: orm:bulk_create
    await Order.objects.abulk_create([Order(name="c")])
    Order.objects.update_or_create(name="a")  # BLOCKS: orm:update_or_create
    order, _ = await Order.objects.aget_or_create(name="a")
    order.name = "d"
    Order.objects.bulk_update([order], ["name"])  # BLOCKS: orm:bulk_update
    await Order.objects.filter(name="d").aupdate(name="e")
    Order.objects.all().delete()  # BLOCKS: orm:delete
