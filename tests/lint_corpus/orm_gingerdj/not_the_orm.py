"""Classes of the project whose methods have the names of the ORM's."""

from gingerdj.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Basket:
    def __init__(self, orders):
        self.orders = orders

    def all(self):
        return list(self.orders)

    def get(self, name):
        return next((order for order in self.orders if order.name == name), None)

    def delete(self):
        self.orders.clear()


async def main():
    basket = Basket([order async for order in Order.objects.all()])
    basket.all()
    basket.get("a")
    basket.delete()
    return len(basket.orders)
