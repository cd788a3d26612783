"""Async methods and async loops in all places."""

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
    await Order.objects.acreate(customer=await Customer.objects.acreate(name="a"))


async def names(orders):
    async for order in orders.select_related("customer"):
        yield order.customer.name


async def main():
    print([name async for name in names(Order.objects.all())])
    customer = await Customer.objects.filter(name="a").afirst()
    found, made = await Customer.objects.aget_or_create(name="b")
    print({order.pk: order async for order in customer.orders.order_by("pk")}, found.name, made)
    async for row in Order.objects.values("pk").aiterator():
        print(row["pk"])
    if await Order.objects.aexists() and await Order.objects.acount():
        print(await Order.objects.alast(), await Customer.objects.ain_bulk([1]))
    await Customer.objects.aupdate(name="c")
    await Order.objects.filter(pk=99).adelete()
