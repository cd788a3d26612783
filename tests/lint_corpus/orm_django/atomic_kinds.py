"""Transactions: with a ``with`` statement, a decorator, in a helper, in a thread."""

from asgiref.sync import sync_to_async
from django.db import connection, models, transaction


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


@transaction.atomic
def make(name):
    return Order(name=name)


@sync_to_async
@transaction.atomic
def make_in_thread(name):
    return Order.objects.create(name=name)


def build(name):
    with transaction.atomic():
        return Order(name=name)


async def main():
    await make_in_thread("a")
    make("b")  # BLOCKS: orm:atomic
    build("c")  # BLOCKS: orm:atomic
    with connection.cursor() as cursor:  # BLOCKS: orm:cursor
        print(cursor)
    return transaction.atomic()
