"""Methods that query immediately."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"
        get_latest_by = "id"


async def main():
    Order.objects.create(name="a")  # BLOCKS: orm:create
    Order.objects.get(name="a")  # BLOCKS: orm:get
    Order.objects.first()  # BLOCKS: orm:first
    Order.objects.filter(name="a").last()  # BLOCKS: orm:last
    Order.objects.count()  # BLOCKS: orm:count
    Order.objects.filter(name="a").exists()  # BLOCKS: orm:exists
    Order.objects.aggregate(models.Max("id"))  # BLOCKS: orm:aggregate
    Order.objects.filter(name="a").update(name="b")  # BLOCKS: orm:update
    Order.objects.bulk_create([Order(name="c")])  # BLOCKS: orm:bulk_create
    Order.objects.get_or_create(name="d")  # BLOCKS: orm:get_or_create
    Order.objects.update_or_create(name="d")  # BLOCKS: orm:update_or_create
    Order.objects.in_bulk([1])  # BLOCKS: orm:in_bulk
    Order.objects.earliest("id")  # BLOCKS: orm:earliest
    Order.objects.latest()  # BLOCKS: orm:latest
    Order.objects.all().delete()  # BLOCKS: orm:delete
