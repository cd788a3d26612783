"""Related managers of an instance."""

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


async def main():
    customer = await Customer.objects.aget()
    customer.orders.filter(pk=1).order_by("pk")
    await customer.orders.acreate()
    customer.orders.exists()  # BLOCKS: orm:exists
    list(customer.orders.all())  # BLOCKS: orm:iterate
    async for order in customer.orders.all():
        print(order.customer_id)
    loaded = await Customer.objects.prefetch_related("orders").aget()
    print(len(loaded.orders.all()))
    loaded.orders.first()  # BLOCKS: orm:first
