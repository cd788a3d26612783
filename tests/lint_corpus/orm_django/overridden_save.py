"""A model with a ``save()`` of its own."""

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"

    def save(self, *args, **kwargs):
        self.name = self.name.strip()
        super().save(*args, **kwargs)


class Draft:
    def save(self):
        return None


async def main():
    Order(name="a").save()  # BLOCKS: orm:save
    Draft().save()
