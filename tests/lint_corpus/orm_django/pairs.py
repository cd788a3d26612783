"""The pairs that ``get_or_create`` returns."""

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
    order, made = await Order.objects.aget_or_create(id=1)
    print(made)
    order.customer.name  # BLOCKS: orm:relation
    order.customer_id
