"""Prefetched relations."""

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")

    class Meta:
        app_label = "shop"


async def prepare():
    await Customer.objects.acreate(name="a")


async def main():
    async for customer in Customer.objects.prefetch_related("orders"):
        for order in customer.orders.all():
            print(order)
        len(customer.orders.all())
    async for customer in Customer.objects.all():
        for order in customer.orders.all():  # BLOCKS: orm:iterate
            print(order)
