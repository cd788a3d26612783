"""Parameters and attributes that are annotated with classes of the ORM."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass
class Page:
    rows: QuerySet[Order]
    title: str

    def is_last(self):
        return not self.rows


async def show(order: Order, others: QuerySet[Order]):
    print(order.customer_id)
    print(order.customer)  # BLOCKS: orm:relation
    others = others.exclude(pk=order.pk)
    return len(others)  # BLOCKS: orm:len


async def prepare():
    await Order.objects.acreate(customer=await Customer.objects.acreate(name="a"))


async def main():
    await show(await Order.objects.aget(), Order.objects.all())
    page = Page(Order.objects.all(), "orders")
    print(page.title.count("o"))
    page.is_last()  # BLOCKS: orm:bool
