"""An instance that is created with its relation does not query for it."""

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)

    class Meta:
        app_label = "shop"


async def main():
    customer = await Customer.objects.acreate(name="a")
    order = Order(customer=customer)
    order.customer.name
    made = await Order.objects.acreate(customer=customer)
    made.customer.name
    loaded = await Order.objects.aget()
    loaded.customer = customer
    loaded.customer.name
