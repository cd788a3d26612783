"""Instances that are refreshed or deleted, and deferred fields that are read."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)
    note = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate(name="a", note="b")


async def main():
    order = await Order.objects.afirst()
    order.refresh_from_db()  # BLOCKS: orm:refresh_from_db
    order.save(update_fields=["name"])  # BLOCKS: orm:save
    order.delete()  # BLOCKS: orm:delete
    Order(name="c").save()  # BLOCKS: orm:save
    await Order(name="d").asave()
