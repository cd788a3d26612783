"""A sync view and a command, beside an async view."""

import asyncio

from django.db import models
from django.http import HttpResponse


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


def sync_view(request):
    return HttpResponse(str(Order.objects.count()))


class Command:
    def handle(self):
        for order in Order.objects.all():
            order.save()


async def async_view(request):
    return HttpResponse(str(await Order.objects.acount()))


async def main():
    await async_view(None)
    await asyncio.to_thread(sync_view, None)
    await asyncio.to_thread(Command().handle)
