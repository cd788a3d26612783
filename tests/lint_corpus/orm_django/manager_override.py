"""A manager that overrides get_queryset, and one with a method that evaluates."""

from django.db import models


class OpenManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(open=True)

    def newest(self):
        return self.get_queryset().order_by("-pk").first()

    def named(self, name):
        return self.filter(name=name)


class Order(models.Model):
    name = models.CharField(max_length=9)
    open = models.BooleanField(default=True)

    objects = models.Manager()
    opened = OpenManager()

    class Meta:
        app_label = "shop"


async def main():
    Order.opened.all()
    Order.opened.named("a").exclude(pk=1)
    Order.opened.newest()  # BLOCKS: orm:first
    Order.opened.named("a").exists()  # BLOCKS: orm:exists
    await Order.opened.named("a").aexists()
    return await Order.opened.afirst()
