"""Methods and properties of models."""

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"

    def how_many(self):
        return self.orders.count()

    @property
    def newest(self):
        return self.orders.first()

    @property
    def title(self):
        return self.name.upper()


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")

    class Meta:
        app_label = "shop"

    def __str__(self):
        return self.customer.name


async def prepare():
    await Order.objects.acreate(customer=await Customer.objects.acreate(name="a"))


async def main():
    customer = await Customer.objects.aget()
    customer.how_many()  # BLOCKS: orm:count
    customer.newest  # BLOCKS: orm:first
    customer.title
    order = await Order.objects.aget()
    f"{order}"  # BLOCKS: orm:relation
