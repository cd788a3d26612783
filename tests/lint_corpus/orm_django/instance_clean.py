"""Methods of instances that do not query."""

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)
    note = models.CharField(max_length=9, default="", blank=True, choices=[("", "none")])

    class Meta:
        app_label = "shop"

    def __str__(self):
        return f"order {self.pk} of {self.customer_id}"


async def main():
    customer = Customer(name="a")
    await customer.asave()
    order = Order(customer=customer)
    await order.asave()
    order.full_clean
    order.clean_fields(exclude=["customer"])
    print(order, order.pk, order.customer_id, order.customer.name, order.get_note_display())
    order == Order(pk=1)
    await order.arefresh_from_db(fields=["note"])
    await order.adelete()
    return hash(customer), Order._meta.get_field("note").max_length
