"""Transactions and cursors."""

from gingerdj.db import connection, connections, models, transaction


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


@transaction.atomic
def move():
    return 1


async def main():
    with transaction.atomic():  # BLOCKS: orm:atomic
        pass
    move()  # BLOCKS: orm:atomic
    with connection.cursor() as cursor:  # BLOCKS: orm:cursor
        print(cursor)
    connections["default"].cursor()  # BLOCKS: orm:cursor
    transaction.on_commit
