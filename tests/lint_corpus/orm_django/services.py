"""A service object that stores a queryset."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Service:
    def __init__(self, orders):
        self.orders = orders

    def all(self):
        return [order for order in self.orders]

    def named(self, name):
        return self.orders.filter(name=name)


async def main():
    service = Service(Order.objects.all())
    service.all()  # BLOCKS: orm:iterate
    service.named("a")
    bool(service.named("a"))  # BLOCKS: orm:bool
