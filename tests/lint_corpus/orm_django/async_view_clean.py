"""An async class-based view, which queries by async loops and in threads."""

from asgiref.sync import sync_to_async
from django.db import models
from django.http import HttpRequest, JsonResponse
from django.views import View


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class OrderView(View):
    http_method_names = ["get", "post"]

    def get_queryset(self):
        return Order.objects.order_by("name")

    async def get(self, request, *args):
        names = [order.name async for order in self.get_queryset()]
        return JsonResponse({"names": names, "count": await self.get_queryset().acount()})

    async def post(self, request):
        return JsonResponse({"count": await sync_to_async(self.count)()})

    def count(self):
        return self.get_queryset().count()


async def main():
    view = OrderView.as_view()
    for method in ("GET", "POST"):
        request = HttpRequest()
        request.method = method
        print((await view(request)).content)
