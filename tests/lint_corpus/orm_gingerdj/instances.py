"""Methods of instances that query."""

from gingerdj.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def main():
    order = Order(name="a")
    order.name = "b"
    order.save()  # BLOCKS: orm:save
    order.refresh_from_db()  # BLOCKS: orm:refresh_from_db
    other = await Order.objects.aget(name="b")
    other.save(update_fields=["name"])  # BLOCKS: orm:save
    other.delete()  # BLOCKS: orm:delete
    str(order.name)
