"""A manager class of the project."""

from gingerdj.db import models


class OrderManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(name="a")

    def named(self, name):
        return self.filter(name=name)

    def how_many(self):
        return self.named("a").count()


class Order(models.Model):
    name = models.CharField(max_length=9)
    objects = OrderManager()
    others = models.Manager()

    class Meta:
        app_label = "shop"


async def main():
    Order.objects.named("a")
    list(Order.objects.named("a"))  # BLOCKS: orm:iterate
    Order.objects.how_many()  # BLOCKS: orm:count
    Order.others.count()  # BLOCKS: orm:count
    await Order.objects.named("a").acount()
