"""What evaluates a queryset."""

from gingerdj.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


async def main():
    for order in Order.objects.all():  # BLOCKS: orm:iterate
        print(order)
    list(Order.objects.filter(name="a"))  # BLOCKS: orm:iterate
    len(Order.objects.all())  # BLOCKS: orm:len
    if Order.objects.filter(name="a"):  # BLOCKS: orm:bool
        pass
    not Order.objects.all()  # BLOCKS: orm:bool
    1 in Order.objects.values_list("id", flat=True)  # BLOCKS: orm:contains
    f"{Order.objects.all()}"  # BLOCKS: orm:str
    str(Order.objects.all())  # BLOCKS: orm:str
    [order for order in Order.objects.all()]  # BLOCKS: orm:iterate
    tuple(Order.objects.all())  # BLOCKS: orm:iterate
    sorted(Order.objects.values_list("id", flat=True))  # BLOCKS: orm:iterate
    sum(Order.objects.values_list("id", flat=True))  # BLOCKS: orm:iterate
    [*Order.objects.all()]  # BLOCKS: orm:iterate
    set(Order.objects.all())  # BLOCKS: orm:iterate
    dict(Order.objects.values_list("id", "name"))  # BLOCKS: orm:iterate
