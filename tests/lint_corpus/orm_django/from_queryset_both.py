"""A manager that is made from a queryset class, with methods of its own."""

from django.db import models


class OrderQuerySet(models.QuerySet):
    def named(self, name):
        return self.filter(name=name)

    def rename(self, name):
        return self.update(name=name)


class OrderManager(models.Manager.from_queryset(OrderQuerySet)):
    def make(self, name):
        order = self.model(name=name)
        order.save(using=self._db)
        return order

    def build(self, name):
        return self.model(name=name)


class Order(models.Model):
    name = models.CharField(max_length=9)

    objects = OrderManager()

    class Meta:
        app_label = "shop"


async def main():
    Order.objects.build("a")
    Order.objects.make("a")  # BLOCKS: orm:save
    Order.objects.named("a")
    Order.objects.named("a").rename("b")  # BLOCKS: orm:update
