"""Methods and properties of models that do not query, and one that does."""

from django.db import models
from django.utils.functional import cached_property


class Order(models.Model):
    name = models.CharField(max_length=9)
    total = models.IntegerField(default=1)

    class Meta:
        app_label = "shop"

    def get(self, key):
        return getattr(self, key)

    def count(self):
        return self.total

    @property
    def label(self):
        return f"{self.name} ({self.total})"

    @classmethod
    def cheap(cls):
        return cls.objects.filter(total__lt=5)

    @cached_property
    def twins(self):
        return list(self.cheap().exclude(pk=self.pk))


async def main():
    order = await Order.objects.acreate(name="a")
    print(order.label, order.count(), order.get("name"))
    Order.cheap().order_by("pk")
    print(order.twins)  # BLOCKS: orm:iterate
    print(order.twins)
