"""Managers and querysets of the project that only build queries."""

from django.db import models


class OrderQuerySet(models.QuerySet):
    def named(self, name):
        return self.filter(name=name)

    def newest_first(self):
        return self.order_by("-pk")

    async def first_named(self, name):
        return await self.named(name).newest_first().afirst()


class OrderManager(models.Manager):
    def get_queryset(self):
        return OrderQuerySet(self.model, using=self._db).exclude(name="")

    def named(self, name):
        return self.get_queryset().named(name)

    def count_of(self, rows):
        return len(rows)


class Order(models.Model):
    name = models.CharField(max_length=9)

    objects = OrderManager()

    class Meta:
        app_label = "shop"


async def main():
    Order.objects.named("a").newest_first()
    Order.objects.count_of([1, 2])
    await Order.objects.all().first_named("a")
    async for order in Order.objects.named("b").newest_first()[:2]:
        print(order)
