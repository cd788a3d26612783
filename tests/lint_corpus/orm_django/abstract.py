"""Models that inherit fields and managers from an abstract model."""

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Base(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="%(class)s_all")

    class Meta:
        abstract = True

    @classmethod
    def newest(cls):
        return cls.objects.last()


class Order(Base):
    class Meta:
        app_label = "shop"


async def prepare():
    await Order.objects.acreate(customer=await Customer.objects.acreate(name="a"))


async def main():
    order = await Order.objects.aget()
    order.customer.name  # BLOCKS: orm:relation
    Order.newest()  # BLOCKS: orm:last
