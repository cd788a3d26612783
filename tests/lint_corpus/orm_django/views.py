"""Class-based views."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class ListView:
    model = Order
    queryset = None

    def get_queryset(self):
        return self.model.objects.all()


class Orders(ListView):
    async def get(self, request):
        orders = self.get_queryset()
        for order in orders:  # BLOCKS: orm:iterate
            print(order)
        return orders


class Quiet(ListView):
    async def get(self, request):
        return [order async for order in self.get_queryset()]


async def main():
    await Orders().get(None)
    await Quiet().get(None)
