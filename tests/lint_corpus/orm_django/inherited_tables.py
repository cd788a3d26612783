"""Models that inherit from models with tables of their own: managers, relations and parents."""

from django.db import models


class Place(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"
        ordering = ["name"]

    def neighbours(self):
        return type(self).objects.exclude(pk=self.pk)


class Cafe(Place):
    chairs = models.IntegerField(default=2)

    class Meta:
        app_label = "shop"


async def prepare():
    await Cafe.objects.acreate(name="a")


async def main():
    cafe = await Cafe.objects.aget()
    print(cafe.name, cafe.chairs)
    place = await Place.objects.aget()
    place.cafe.chairs  # BLOCKS: orm:relation
    place.neighbours().reverse()
    place.neighbours().count()  # BLOCKS: orm:count
    Cafe.objects.filter(chairs=2).exists()  # BLOCKS: orm:exists
