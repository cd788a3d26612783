"""Relations of related instances."""

from django.db import models


class City(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Customer(models.Model):
    city = models.ForeignKey("City", models.CASCADE)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey("shop.Customer", models.CASCADE)

    class Meta:
        app_label = "shop"


async def prepare():
    city = await City.objects.acreate(name="a")
    await Order.objects.acreate(customer=await Customer.objects.acreate(city=city))


async def main():
    order = await Order.objects.select_related("customer").aget()
    order.customer.city.name  # BLOCKS: orm:relation
    full = await Order.objects.select_related("customer__city").aget()
    full.customer.city.name
