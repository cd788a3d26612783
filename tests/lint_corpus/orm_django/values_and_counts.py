"""Rows as dictionaries or tuples, which have no relations."""

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


async def main():
    async for row in Order.objects.values("customer__name", "customer"):
        print(row["customer__name"], row["customer"], row.get("pk"))
    async for pk, name in Order.objects.values_list("pk", "customer__name"):
        print(pk, name.count("a"))
    async for row in Order.objects.values_list("pk", "customer", named=True):
        print(row.pk, row.customer)
    first = await Order.objects.values("pk").afirst()
    return first.copy().items(), await Order.objects.values_list("pk", flat=True).aget()
