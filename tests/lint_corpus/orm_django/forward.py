"""A forward relation of an instance."""

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)

    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate(customer=await Customer.objects.acreate(name="a"))


async def main():
    order = await Order.objects.aget()
    order.customer_id
    order.customer.name  # BLOCKS: orm:relation
    order.customer.name
    async for each in Order.objects.all():
        print(each.customer.name)  # BLOCKS: orm:relation
    loaded = await Order.objects.select_related("customer").aget()
    loaded.customer.name
    async for each in Order.objects.select_related("customer"):
        print(each.customer.name)
