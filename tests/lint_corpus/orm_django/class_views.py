"""Class-based views, with a queryset from a method and as an attribute."""

from django.db import models
from django.http import JsonResponse
from django.views import View
from django.views.generic.list import MultipleObjectMixin


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class OrderView(MultipleObjectMixin, View):
    model = Order

    def get_queryset(self):
        return super().get_queryset().order_by("name")

    async def get(self, request):
        return JsonResponse({"names": [order.name for order in self.get_queryset()]})  # BLOCKS: orm:iterate

    async def post(self, request):
        return JsonResponse({"names": [order.name async for order in self.get_queryset()]})


async def main():
    view = OrderView()
    await view.get(None)
    await view.post(None)
