"""Models in a module of their own."""

import models
from models import Customer as Client


async def prepare():
    await models.Order.objects.acreate(customer=await Client.objects.acreate(name="a"))


async def main():
    models.Order.objects.count()  # BLOCKS: orm:count
    client = await Client.objects.afirst()
    client.orders.exists()  # BLOCKS: orm:exists
    async for order in models.Order.objects.all():
        order.customer.name  # BLOCKS: orm:relation
