"""An instance whose relation was assigned, or fetched with it, does not query for it."""

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
    customer = await Customer.objects.aget()
    order = Order(customer=customer)
    print(order.customer.name)
    async for each in customer.orders.all():
        print(each.customer.name, each.customer is customer)
    other = await Order.objects.aget()
    other.customer = customer
    print(other.customer.name)
    made = await customer.orders.acreate()
    print(made.customer.name)
    created = await Order.objects.acreate(customer=customer)
    return created.customer.name
