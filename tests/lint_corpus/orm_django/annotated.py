"""Annotated parameters."""

from django.db import models
from django.db.models import QuerySet


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)

    class Meta:
        app_label = "shop"


async def all_of(orders: QuerySet[Order]):
    for order in orders:  # BLOCKS: orm:iterate
        print(order.customer.name)  # BLOCKS: orm:relation


async def one(order: Order):
    order.save()  # BLOCKS: orm:save


async def prepare():
    await Order.objects.acreate(customer=await Customer.objects.acreate(name="a"))


async def main():
    await all_of(Order.objects.all())
    await one(await Order.objects.aget())
