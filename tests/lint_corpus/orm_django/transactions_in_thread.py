"""Transactions in threads, where they are allowed."""

from asgiref.sync import sync_to_async
from django.db import connection, models, transaction


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


@sync_to_async
def move():
    with transaction.atomic():
        Order.objects.create(name="a")
        for order in Order.objects.all():
            order.save()


@sync_to_async
@transaction.atomic
def again():
    with connection.cursor() as cursor:
        cursor.execute("select 1")


async def main():
    await move()
    await again()
