"""Shortcut functions."""

from gingerdj.db import models
from gingerdj.shortcuts import aget_object_or_404, get_list_or_404, get_object_or_404


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate(name="a")


async def main():
    get_object_or_404(Order, name="a")  # BLOCKS: orm:get
    get_object_or_404(Order.objects.filter(name="a"), id=1).save()  # BLOCKS: orm:get
    get_list_or_404(Order, name="a")  # BLOCKS: orm:iterate
    order = await aget_object_or_404(Order, name="a")
    order.name.upper()
