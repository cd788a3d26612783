"""Everything about querysets that does not query."""

from django.db import models
from django.db.models import Count, Prefetch


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")

    class Meta:
        app_label = "shop"


async def main():
    orders = Order.objects.select_related("customer").prefetch_related("customer__orders")
    counted = Customer.objects.annotate(number=Count("orders")).filter(number__gt=1)
    prefetched = counted.prefetch_related(Prefetch("orders", orders))
    prefetched.using("default").select_for_update().reverse()
    print(orders.query, orders.db, orders.ordered, orders.model._meta.label)
    sliced = orders[:5]
    copied = sliced.all()
    iterator = orders.iterator(chunk_size=10)
    return copied, iterator, Order.objects.none(), Order.objects.db, Order.objects.model()
