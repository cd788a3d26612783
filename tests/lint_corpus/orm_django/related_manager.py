"""Related managers of an instance."""

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
    paid = models.BooleanField(default=False)

    class Meta:
        app_label = "shop"


async def prepare():
    await Customer.objects.acreate(name="a")


async def main():
    customer = await Customer.objects.aget()
    customer.orders.create()  # BLOCKS: orm:create
    await customer.orders.acreate()
    unpaid = customer.orders.filter(paid=False).order_by("pk")
    unpaid.first()  # BLOCKS: orm:first
    await customer.orders.acount()
    customer.orders.count()  # BLOCKS: orm:count
    for order in customer.orders.all():  # BLOCKS: orm:iterate
        print(order.pk)
    async for order in customer.orders.all():
        print(order.customer_id)
    customer.orders.update(paid=True)  # BLOCKS: orm:update
