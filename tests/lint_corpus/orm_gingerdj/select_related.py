"""Relations that were fetched with an instance, and relations that were not."""

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


def label(order):
    return f"{order.pk} of {order.customer.name}"


async def main():
    loaded = await Order.objects.select_related("customer").aget()
    label(loaded)
    order = await Order.objects.aget()
    label(order)  # BLOCKS: orm:relation
    label(order)
    names = Order.objects.values_list("customer__name", flat=True)
    return [name async for name in names]
