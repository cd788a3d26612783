"""A decorated view, and a helper of it."""

import functools

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


def logged(view):
    @functools.wraps(view)
    async def wrapper(request):
        Order.objects.create(name="log")  # BLOCKS: orm:create
        return await view(request)

    return wrapper


@logged
async def view(request):
    return [order.name async for order in Order.objects.all()]


async def main():
    await view(None)
