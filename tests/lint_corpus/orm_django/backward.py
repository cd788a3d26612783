"""Reverse relations of an instance."""

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)
    payer = models.ForeignKey(Customer, models.CASCADE, related_name="paid", null=True)

    class Meta:
        app_label = "shop"


async def prepare():
    await Customer.objects.acreate(name="a")


async def main():
    customer = await Customer.objects.aget()
    customer.order_set.all()
    customer.order_set.count()  # BLOCKS: orm:count
    for order in customer.paid.filter(id=1):  # BLOCKS: orm:iterate
        print(order)
    customer.paid.create(customer=customer)  # BLOCKS: orm:create
    await customer.order_set.acount()
    async for order in customer.paid.all():
        print(order)
    customer.paid.clear()  # BLOCKS: orm:clear
