"""Querysets that are passed through several helpers, in containers, and by keyword."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


def render(template, context):
    return template.format(count=len(context["orders"]))


def page(orders, *, limit):
    return orders[:limit]


def names(orders):
    return [order.name for order in page(orders, limit=2)]


async def main():
    orders = Order.objects.all()
    page(orders, limit=3)
    names(orders)  # BLOCKS: orm:iterate
    context = {"orders": Order.objects.all()}
    render("{count}", context)  # BLOCKS: orm:len
