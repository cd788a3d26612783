"""A manager that is made from a queryset class."""

from gingerdj.db import models


class OrderQuerySet(models.QuerySet):
    def named(self, name):
        return self.filter(name=name)

    def total(self):
        return self.aggregate(models.Sum("id"))


class OrderManager(models.Manager):
    def first_of(self, name):
        return self.named(name).first()


Managers = OrderManager.from_queryset(OrderQuerySet)


class Order(models.Model):
    name = models.CharField(max_length=9)
    objects = Managers()
    plain = models.Manager.from_queryset(OrderQuerySet)()

    class Meta:
        app_label = "shop"


async def main():
    Order.objects.named("a")
    Order.objects.total()  # BLOCKS: orm:aggregate
    Order.objects.first_of("a")  # BLOCKS: orm:first
    Order.plain.named("a").total()  # BLOCKS: orm:aggregate
