"""Related managers with a default name, and one that a Meta class names."""

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)

    class Meta:
        app_label = "shop"


class Note(models.Model):
    customer = models.ForeignKey("Customer", models.CASCADE, related_name="+")
    order = models.ForeignKey("shop.Order", models.CASCADE)

    class Meta:
        app_label = "shop"
        default_related_name = "notes"


async def prepare():
    customer = await Customer.objects.acreate(name="a")
    await Note.objects.acreate(customer=customer, order=await Order.objects.acreate(customer=customer))


async def main():
    customer = await Customer.objects.aget()
    order = await customer.order_set.afirst()
    customer.order_set.exists()  # BLOCKS: orm:exists
    order.notes.all()
    list(order.notes.all())  # BLOCKS: orm:iterate
    note = await order.notes.afirst()
    return note.customer  # BLOCKS: orm:relation
