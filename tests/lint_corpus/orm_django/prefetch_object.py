"""Prefetched relations: with Prefetch objects, and into a list."""

from django.db import models
from django.db.models import Prefetch, aprefetch_related_objects


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate(customer=await Customer.objects.acreate(name="a"))


async def main():
    paid = Prefetch("orders", Order.objects.order_by("pk"), to_attr="found")
    async for customer in Customer.objects.prefetch_related(paid):
        print(len(customer.found))
        print(list(customer.orders.all()))  # BLOCKS: orm:iterate
    async for customer in Customer.objects.prefetch_related("orders"):
        print(list(customer.orders.all()), len(customer.orders.all()))
        print(list(customer.orders.filter(pk=1)))  # BLOCKS: orm:iterate
    customer = await Customer.objects.afirst()
    await aprefetch_related_objects([customer], "orders")
    return [order.pk for order in customer.orders.all()]
