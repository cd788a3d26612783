"""Methods of instances that do not query."""

from gingerdj.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")

    class Meta:
        app_label = "shop"


async def main():
    customer = Customer(name="a")
    await customer.asave()
    order = Order(customer=customer)
    await order.asave()
    print(order.pk, order.customer_id, order.customer.name, repr(order))
    order == Order(pk=1)
    await order.arefresh_from_db(fields=["customer_id"])
    await order.adelete()
    return Order._meta.label, hash(customer)
