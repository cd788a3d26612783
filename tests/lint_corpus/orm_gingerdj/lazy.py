"""Querysets are lazy until they are evaluated."""

from gingerdj.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def main():
    orders = Order.objects.filter(name="a").exclude(name="b").order_by("name")
    first = orders[:3]
    again = orders.all().distinct().values("name")
    return first, again, orders.query
