"""Shortcut functions, their async counterparts, and what is passed to them."""

from django.db import models
from django.http import Http404
from django.shortcuts import aget_object_or_404, get_list_or_404, get_object_or_404


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate(name="a")


def find(pk):
    return get_object_or_404(Order.objects.only("name"), pk=pk)


async def main():
    order = await aget_object_or_404(Order, name="a")
    get_object_or_404(Order, pk=order.pk)  # BLOCKS: orm:get
    get_list_or_404(Order.objects.all())  # BLOCKS: orm:iterate
    find(order.pk)  # BLOCKS: orm:get
    try:
        await aget_object_or_404(Order, name="b")
    except Http404:
        return order
    return None
