"""Annotated parameters."""

from __future__ import annotations

from gingerdj.db import models


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


def newest(orders: models.QuerySet[Order]) -> Order | None:
    return orders.order_by("-pk").first()


async def show(order: Order):
    print(order.customer_id)
    return order.customer  # BLOCKS: orm:relation


async def count(orders: models.QuerySet[Order]):
    return len(orders)  # BLOCKS: orm:len


async def main():
    await show(await Order.objects.aget())
    await count(Order.objects.all())
    newest(Order.objects.all())  # BLOCKS: orm:first
